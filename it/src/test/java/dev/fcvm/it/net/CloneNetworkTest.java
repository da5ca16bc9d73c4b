package dev.fcvm.it.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.supervisor.Supervised;
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

    private String ask(int port) {
        return town.host().http("127.0.0.1", port);
    }

    @Test
    void shouldAnswerOnPortsOfItsOwnInEitherMode() {
        try (var user = new Supervised(home)) {
            user.run(
                            "run",
                            "-d",
                            "-m",
                            "64m",
                            "--mode",
                            mode(),
                            "--network",
                            "default",
                            "--name",
                            "source",
                            image,
                            "/bin/serve")
                    .expect(0);
            user.run("snapshot", "create", "-q", "source", "moment").expect(0);
            clone(user, "one", "8081:80", "privileged");
            clone(user, "two", "8082:80", "rootless");
            assertThat(ask(8081)).startsWith("200 guest");
            assertThat(ask(8082)).startsWith("200 guest");
            user.run("rm", "-f", "one").expect(0);
            assertThat(ask(8082)).as("one that is gone leaves the other").startsWith("200 guest");
            user.run("rm", "-f", "two", "source").expect(0);
            user.run("snapshot", "rm", "moment").expect(0);
        }
    }

    private static void clone(Supervised user, String name, String port, String mode) {
        user.run("clone", "source", "--snapshot", "moment", "--name", name, "-p", port, "--mode", mode, "-d")
                .expect(0);
    }
}
