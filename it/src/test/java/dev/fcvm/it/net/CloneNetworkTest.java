package dev.fcvm.it.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.supervisor.Supervised;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The network of machines that were made of one that was saved: each has ports of its own, in either mode. */
@Timeout(300)
final class CloneNetworkTest extends InTown {

    /** Connects, and says nothing until it is ended. */
    private static final String CALLER = """
            import socket, sys, time
            link = socket.create_connection(('127.0.0.1', int(sys.argv[1])), timeout=30)
            print('connected', flush=True)
            link.settimeout(None)
            link.recv(1)
            """;

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
            user.run("suspend", "two").expect(0);
            user.run("resume", "two").expect(0);
            assertThat(ask(8082)).as("its port is open again").startsWith("200 guest");
            user.run("rm", "-f", "two", "source").expect(0);
            user.run("snapshot", "rm", "moment").expect(0);
        }
    }

    @Test
    void shouldWakeForThoseWhoCallWhoeverSupervisesThemByThen() {
        try (var user = new Supervised(home)) {
            for (String where : List.of("privileged 8081 8007 --ipv6", "rootless 8082 8017 --ipv6=false")) {
                String[] words = where.split(" ", -1);
                user.run(
                                "run",
                                "-d",
                                "-m",
                                "64m",
                                "--mode",
                                words[0],
                                "--network",
                                "default",
                                "-p",
                                words[1] + ":80",
                                "-p",
                                words[2] + ":7/udp",
                                words[3],
                                "--name",
                                words[0],
                                image,
                                "/bin/serve")
                        .expect(0);
            }
            user.run("suspend", "privileged", "rootless").expect(0);
            assertThat(user.run("ps", "-a").expect(0).out()).contains("Suspended", "8081->80/tcp", "8082->80/tcp");
            assertThat(town.host().http("127.0.0.1", 8081, 20))
                    .as("all at once")
                    .isEqualTo("20 x " + ask(8081));
            assertThat(town.host().http("127.0.0.1", 8082, 20)).isEqualTo("20 x " + ask(8082));
            assertThat(user.run("ps", "-q").expect(0).out()).hasLineCount(2);

            askWhileItIsSaved(user, "privileged", 8081);
            askWhileItIsSaved(user, "rootless", 8082);

            user.run("suspend", "privileged", "rootless").expect(0);
            assertThat(town.host().echo("127.0.0.1", 8007, "a word"))
                    .as("to the datagram after the one that wakes it")
                    .isEqualTo("a word");
            assertThat(town.host().echo("127.0.0.1", 8017, "a word")).isEqualTo("a word");

            user.run("suspend", "privileged", "rootless").expect(0);
            assertHeldOpenHereAlone(user);
            assertThat(town.host().http("::1", 8081)).startsWith("200 guest");
            try (Child attached = user.call("attach", "--no-stdin", "rootless").start()) {
                home.await(attached, _ -> user.run("ps", "-q").out().lines().count() == 2);
                attached.signal("KILL");
                attached.closed();
            }

            user.run("suspend", "privileged", "rootless").expect(0);
            ProcessHandle supervisor = user.process();
            supervisor.destroyForcibly();
            supervisor.onExit().join();
            // The next command starts the next supervisor.
            user.run("ps").expect(0);
            assertThat(ask(8081)).startsWith("200 guest");
            assertThat(ask(8082)).startsWith("200 guest");

            user.run("suspend", "rootless").expect(0);
            user.run("rm", "rootless").expect(0);
            assertThat(ask(8082)).as("one that is gone is called by nobody").contains("nobody");
            user.run("rm", "-f", "privileged").expect(0);
        }
    }

    @Test
    void shouldSuspendWhatNobodyWantsAndNotWhatSomebodyIsConnectedTo() {
        try (var user = new Supervised(home);
                Child events = user.call("events", "--filter", "event=suspend").start()) {
            suspending(user, "called", "privileged", "8081:80");
            try (Child caller =
                    town.host().call("python3", "-c", CALLER, "8081").start()) {
                caller.awaitOut("connected\n");
                suspending(user, "quiet", "rootless", "8082:80");
                events.awaitOut("name=quiet");
                int first = events.outSoFar().length();
                assertThat(ask(8082)).startsWith("200 guest");
                events.awaitOutBeyond(first);
                assertThat(events.outSoFar()).doesNotContain("name=called");
            }
            events.awaitOut("name=called");
            user.run("exec", "called", "true").expect(0);
            user.run("rm", "-f", "called", "quiet").expect(0);
        }
    }

    /** The supervisor of another network namespace leaves them alone, and its namespace has no such ports. */
    private void assertHeldOpenHereAlone(Supervised user) {
        var abroad = new Supervised(town.abroad(fcvm));
        assertThat(abroad.run("ps", "-a", "--format", "{{.State}}").expect(0).out())
                .isEqualTo("suspended\nsuspended\n");
        ProcessHandle other = abroad.process();
        assertThat(other.pid()).isNotEqualTo(user.process().pid());
        assertThat(town.outside().http("127.0.0.1", 8081)).isEqualTo("nobody");
        assertThat(town.outside().http("127.0.0.1", 8082)).isEqualTo("nobody");
        abroad.run("supervisor", "stop").expect(0);
        other.onExit().join();
        assertThat(user.run("ps", "-q").expect(0).out()).isEmpty();
    }

    /** Who calls in that moment waits, and wakes it. */
    private void askWhileItIsSaved(Supervised user, String name, int port) {
        try (Child suspending = user.call("suspend", name).start()) {
            home.await(suspending, _ -> isBeingWritten());
            assertThat(ask(port)).startsWith("200 guest");
            suspending.outcome().expect(0);
        }
    }

    private boolean isBeingWritten() {
        return home.machines().stream()
                .anyMatch(machine -> Files.exists(machine.resolve("exchange").resolve("memory")));
    }

    private void suspending(Supervised user, String name, String mode, String port) {
        user.run(
                        "run",
                        "-d",
                        "-m",
                        "64m",
                        "--mode",
                        mode,
                        "--network",
                        "default",
                        "--suspend-after",
                        "1s",
                        "-p",
                        port,
                        "--name",
                        name,
                        image,
                        "/bin/serve")
                .expect(0);
    }

    @Test
    void shouldAnswerOnTwentyPortsOfTwentyClonesThatWereStartedAtOnce() {
        List<String> names =
                IntStream.range(0, 20).mapToObj(number -> "clone" + number).toList();
        try (var user = new Supervised(home)) {
            user.run("run", "-d", "-m", "64m", "--network", "default", "--name", "source", image, "/bin/serve")
                    .expect(0);
            user.run("snapshot", "create", "-q", "source", "moment").expect(0);
            user.run("rm", "-f", "source").expect(0);
            List<Child> starting = new ArrayList<>();
            for (int number = 0; number < names.size(); number++) {
                String port = (8100 + number) + ":80";
                starting.add(user.call("clone", "moment", "--name", names.get(number), "-p", port, "-d", "--rm")
                        .start());
            }
            starting.forEach(start -> start.outcome().expect(0));
            for (int number = 0; number < names.size(); number++) {
                assertThat(ask(8100 + number)).as(names.get(number)).startsWith("200 guest");
            }
            user.run(Stream.concat(Stream.of("rm", "-f"), names.stream()).toArray(String[]::new))
                    .expect(0);
            user.run("snapshot", "rm", "moment").expect(0);
        }
    }

    private static void clone(Supervised user, String name, String port, String mode) {
        user.run("clone", "source", "--snapshot", "moment", "--name", name, "-p", port, "--mode", mode, "-d")
                .expect(0);
    }
}
