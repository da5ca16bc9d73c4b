package dev.fcvm.it.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.supervisor.Supervised;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pools: machines that are restored and stand still, and are somebody's when they are taken. */
@Timeout(300)
final class PoolNetworkTest extends InTown {

    private static final String SELF =
            "cat /proc/sys/kernel/random/uuid; head -c 16 /dev/urandom | md5sum; hostname;" + " cat /run/.fcvm/id";

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

    @Override
    void prepare() {
        // The host's table stays when machines are gone.
        town.host()
                .run(
                        "nft",
                        "-f",
                        Path.of(System.getProperty("fcvm.test.repository"), "network", "nftables-template.nft")
                                .toString());
    }

    @BeforeEach
    void allOnFirecracker() {
        onlyOnFirecracker();
    }

    @Test
    void shouldKeepMachinesReadyThatAreSomebodysWhenTheyAreTaken() {
        try (var user = new Supervised(home)) {
            user.run("run", "-d", "-m", "64m", "--network", "default", "--name", "source", image, "/bin/serve")
                    .expect(0);
            user.run("snapshot", "create", "-q", "source", "moment").expect(0);
            assertThat(user.run("pool", "create", "ready", "--snapshot", "moment", "--size", "2")
                            .expect(0)
                            .out())
                    .isEqualTo("ready\n");
            user.run("pool", "create", "other", "--snapshot", "moment", "--mode", "rootless")
                    .expect(0);
            List<String> waiting = waiting(user, "ready");
            assertThat(waiting).hasSize(2);
            assertThat(user.run("ps", "-a", "--no-trunc").expect(0).out())
                    .as("nobody's")
                    .contains("source")
                    .doesNotContain(waiting)
                    .hasLineCount(2);
            assertThat(user.run("snapshot", "rm", "moment").expect(125).err())
                    .contains("used by the pool other, ready");

            assertThat(user.run("clone", "--pool", "ready", "--name", "source", "-d")
                            .expect(125)
                            .err())
                    .contains("the name \"source\" is already in use");
            String one = clone(user, "ready", "one", "8081:80");
            assertThat(one).isIn(waiting);
            String rootless = clone(user, "other", "two", "8082:80");
            assertThat(user.run("clone", "--pool", "ready", "--name", "three", "--mode", "rootless", "-d")
                            .expect(0)
                            .out())
                    .as("in another mode than the pool's")
                    .isNotEqualTo(rootless);
            assertThat(ask(8081)).startsWith("200 guest");
            assertThat(ask(8082)).startsWith("200 guest");
            List<List<String>> selves = Stream.of("source", "one", "two", "three")
                    .map(machine -> user.run("exec", machine, "sh", "-c", SELF)
                            .expect(0)
                            .out()
                            .lines()
                            .toList())
                    .toList();
            assertThat(selves).allSatisfy(self -> assertThat(self).hasSize(4));
            for (int line = 0; line < 4; line++) {
                int which = line;
                assertThat(selves.stream().map(self -> self.get(which))).doesNotHaveDuplicates();
            }
            assertThat(Stream.of("source", "one", "two")
                            .map(machine -> user.run("exec", "--vm", machine, "cat", "/etc/machine-id")
                                    .expect(0)
                                    .out()))
                    .doesNotHaveDuplicates();
            assertThat(user.run("exec", "one", "sh", "-c", "echo $GIVEN")
                            .expect(0)
                            .out())
                    .isEqualTo("one\n");
            Fcvm.await(() -> waiting(user, "ready"), ready -> ready.size() == 2 && !ready.contains(one));
            Fcvm.await(() -> waiting(user, "other"), ready -> ready.size() == 1 && !ready.contains(rootless));

            List<String> left = Stream.concat(waiting(user, "ready").stream(), waiting(user, "other").stream())
                    .toList();
            ProcessHandle supervisor = user.process();
            supervisor.destroyForcibly();
            supervisor.onExit().join();
            // The next command starts the next supervisor, which fills them anew.
            user.run("ps").expect(0);
            assertThat(left).allSatisfy(id -> {
                assertThat(fcvm.data().resolve("machines").resolve(id)).doesNotExist();
                assertThat(fcvm.processes()).noneMatch(process -> process.contains(id));
            });
            assertThat(ask(8081)).as("those that were taken go on").startsWith("200 guest");
            Fcvm.await(() -> waiting(user, "ready"), ready -> ready.size() == 2);

            user.run("rm", "-f", "source", "one", "two", "three").expect(0);
            assertThat(user.run("pool", "rm", "ready", "other").expect(0).out()).isEqualTo("ready\nother\n");
            assertThat(Files.exists(fcvm.data().resolve("machines"))).isTrue();
            assertThat(fcvm.machines()).isEmpty();
            user.run("snapshot", "rm", "moment").expect(0);
        }
    }

    private String ask(int port) {
        return town.host().http("127.0.0.1", port);
    }

    private static String clone(Supervised user, String pool, String name, String port) {
        return user.run("clone", "--pool", pool, "--name", name, "-p", port, "-e", "GIVEN=" + name, "-d")
                .expect(0)
                .out()
                .strip();
    }

    /** Returns the ids of the machines that wait in a pool. */
    private static List<String> waiting(Supervised user, String pool) {
        String document = user.run("pool", "inspect", pool).expect(0).out();
        String ids = document.substring(document.indexOf("\"machines\":[") + 12, document.lastIndexOf("]}"));
        return Stream.of(ids.split("[\",]+", -1)).filter(id -> !id.isEmpty()).toList();
    }
}
