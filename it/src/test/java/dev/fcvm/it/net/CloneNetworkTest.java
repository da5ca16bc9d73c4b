package dev.fcvm.it.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.Outcome;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The network of machines that were made of one that was saved: each has ports of its own, in either mode. */
@Timeout(300)
final class CloneNetworkTest extends InTown {

    @Override
    String mode() {
        return "privileged";
    }

    @Override
    Fcvm user() {
        return Fcvm.create();
    }

    @Override
    String callerFromLoopback(String answer) {
        return "10.231.0.1";
    }

    @BeforeEach
    void onlyWhereMachinesAreSaved() {
        assumeTrue(fcvm.lane().isFirecracker(), "QEMU does not save machines yet");
    }

    private Outcome run(String... words) {
        return home.call(words).env("FCVM_SUPERVISOR", "auto").run();
    }

    private String ask(int port) {
        return town.host().http("127.0.0.1", port);
    }

    @Test
    void shouldAnswerOnPortsOfItsOwnInEitherMode() {
        run("run", "-d", "-m", "64m", "--mode", mode(), "--network", "default", "--name", "source", image, "/bin/serve")
                .expect(0);
        run("snapshot", "create", "-q", "source", "moment").expect(0);
        run("clone", "source", "--snapshot", "moment", "--name", "one", "-p", "8081:80", "-d")
                .expect(0);
        run("clone", "source", "--snapshot", "moment", "--name", "two", "-p", "8082:80", "-d", "--mode", "rootless")
                .expect(0);
        assertThat(ask(8081)).startsWith("200 guest");
        assertThat(ask(8082)).startsWith("200 guest");
        run("rm", "-f", "one").expect(0);
        assertThat(ask(8082)).as("one that is gone leaves the other").startsWith("200 guest");
        run("rm", "-f", "two", "source").expect(0);
        run("snapshot", "rm", "moment").expect(0);
        run("supervisor", "stop").expect(0);
    }
}
