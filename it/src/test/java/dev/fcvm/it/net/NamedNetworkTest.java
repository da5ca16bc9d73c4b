package dev.fcvm.it.net;

import static dev.fcvm.it.net.Town.HOST;
import static dev.fcvm.it.net.Town.OUTSIDE;
import static dev.fcvm.it.net.Town.PORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Complaint;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.OrdinaryUser;
import dev.fcvm.it.harness.TestImages;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A network that joins machines, with real traffic between them; the whole of it runs in a {@link Town}. */
@MachineTest
@TestInstance(Lifecycle.PER_CLASS)
class NamedNetworkTest {

    private Town town;
    private Fcvm fcvm;
    private Fcvm home;
    private String image;

    @BeforeAll
    void found(Archives archives) {
        assumeTrue(Child.of("id", "-u").run().out().strip().equals("0"), "only root may make a network namespace");
        town = new Town();
        fcvm = Fcvm.create();
        home = town.home(fcvm);
        image = "oci-archive:" + archives.ociArchive(TestImages.serving());
    }

    @AfterAll
    void leave() {
        if (fcvm != null) {
            fcvm.close();
        }
        if (town != null) {
            town.close();
        }
    }

    @BeforeEach
    void make() {
        assumeTrue(fcvm.lane().isFirecracker(), "seen to on Firecracker: nothing in it is the monitor's");
        home.run("network", "create", "one").expect(0);
    }

    /** After every test, whatever it was about. */
    @AfterEach
    void shouldLeaveNothing() {
        List<String> leaks = fcvm.leaks();
        home.run("network", "rm", "-f", "one");
        assertThat(leaks).isEmpty();
    }

    private Child serve(String mode, String name, String... flags) {
        return serve(home, image, mode, name, flags);
    }

    private static Child serve(Fcvm home, String image, String mode, String name, String... flags) {
        Child machine = home.call(Stream.of(
                                Stream.of("run", "--rm", "--mode", mode, "--network", "one", "--name", name),
                                Stream.of(flags),
                                Stream.of(image, "/bin/serve"))
                        .flatMap(words -> words)
                        .toList())
                .start();
        machine.awaitOut("ready\n");
        return machine;
    }

    private String guest(String mode, String network, String script, String... flags) {
        return guest(home, image, mode, network, script, flags);
    }

    private static String guest(Fcvm home, String image, String mode, String network, String script, String... flags) {
        return home.call(Stream.of(
                                Stream.of("run", "--rm", "--quiet", "--mode", mode, "--network", network),
                                Stream.of(flags),
                                Stream.of(image, "sh", "-c", script))
                        .flatMap(words -> words)
                        .toList())
                .run()
                .expect(0)
                .out();
    }

    private static void end(Child machine) {
        machine.signal("TERM");
        machine.outcome().expect(40);
    }

    private String address(String name) {
        String networks = home.run("network", "inspect", "one").expect(0).out();
        Matcher machine = Pattern.compile("\"address\":\"([0-9.]+)\",\"names\":\\[\"" + name + "\"")
                .matcher(networks);
        assertThat(machine.find()).as(networks).isTrue();
        return machine.group(1);
    }

    /** A line for the guest's shell that asks the serving machine who asks, and says so if nobody answers. */
    private static String who(String server) {
        return "printf 'GET /cgi-bin/who HTTP/1.0\\r\\n\\r\\n' | timeout 4 nc -w 2 %s 80 2>/dev/null | tail -n 1 | grep guest || echo nobody;"
                .formatted(server);
    }

    @ParameterizedTest
    @CsvSource({"rootless,rootless", "privileged,privileged", "rootless,privileged"})
    void shouldJoinMachinesByNameAndByNobodyElse(String first, String second) {
        try (Child web = serve(first, "web", "--hostname", "www", "-p", "8080:80")) {
            String address = address("web");
            String said = guest(
                    second,
                    "one",
                    who("web") + who("www") + who(address)
                            + "echo a word | timeout 4 socat -t2 - UDP4:web:7;"
                            + "dd if=/dev/zero bs=1M count=20 2>/dev/null | timeout 60 socat -t20 - TCP4:web:8 | wc -c;"
                            + "timeout 4 nc -w 2 %s %d; echo".formatted(OUTSIDE, PORT),
                    "--name",
                    "client");
            assertThat(said.lines().toList()).hasSize(6);
            assertThat(said.lines().limit(3))
                    .as(said)
                    .allSatisfy(line -> assertThat(line).matches("guest to 10\\.232\\.0\\.[0-9]+"))
                    .doesNotContain("guest to " + address);
            assertThat(said).contains("\na word\n", "\n" + (20 << 20) + "\n", "\noutside to " + HOST + "\n");

            assertThat(guest(second, "default", who("web") + who("www") + who(address)))
                    .as("a machine that is not in it")
                    .isEqualTo("nobody\nnobody\nnobody\n");
            assertThat(town.host().tryAsking("tcp", address, 80)).as("the host").isEqualTo("nobody");
            assertThat(town.host().http("127.0.0.1", 8080)).as("as published").startsWith("200 guest to ");
            end(web);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rootless", "privileged"})
    void shouldReachItselfAndItsNetworkWhateverItsEgress(String mode) {
        try (Child web = serve(mode, "web")) {
            String said = guest(
                    mode,
                    "one",
                    "/bin/serve & while ! nc -w 1 127.0.0.1 80 </dev/null; do sleep 0.1; done;" + who("me") + who("web")
                            + "timeout 4 nc -w 2 %s %d </dev/null || echo; nslookup other.test 2>&1 | grep -c %s"
                                    .formatted(OUTSIDE, PORT, OUTSIDE)
                            + "; nslookup allowed.test | grep -c 198.51.100.7; kill %1",
                    "--name",
                    "me",
                    "--egress",
                    "deny",
                    "--allow",
                    "allowed.test");
            assertThat(said.replace("ready\n", "").lines().toList())
                    .as(said)
                    .satisfiesExactly(
                            me -> assertThat(me).isEqualTo("guest to 172.30.0.1"),
                            other -> assertThat(other).startsWith("guest to 10.232.0."),
                            outside -> assertThat(outside).isEmpty(),
                            count -> assertThat(count).isEqualTo("0"),
                            count -> assertThat(count).isEqualTo("1"));
            end(web);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rootless", "privileged"})
    void shouldFindAMachineThatComesLaterUntilItHasGone(String mode) {
        String script = "echo ready; until %s | grep guest; do sleep 0.2; done;"
                        .formatted(who("late").replace(";", ""))
                + "while nslookup late >/dev/null 2>&1; do sleep 0.2; done; echo gone";
        try (Child first = home.call(
                        "run", "--rm", "--quiet", "--mode", mode, "--network", "one", image, "sh", "-c", script)
                .start()) {
            first.awaitOut("ready\n");
            try (Child late = serve(mode, "late")) {
                first.awaitOut("guest to ");
                end(late);
            }
            assertThat(first.outcome().expect(0).out()).endsWith("gone\n");
        }
    }

    @Test
    void shouldJoinMachinesOfAnOrdinaryUser() {
        try (OrdinaryUser user = OrdinaryUser.make();
                Fcvm own = Fcvm.of(user)) {
            Fcvm theirs = town.home(own);
            assertThat(theirs.run("network", "ls", "-q").expect(0).out())
                    .as("networks of others are none of theirs")
                    .isEmpty();
            theirs.run("network", "create", "one", "--subnet", "10.90.0.0/28").expect(0);
            try (Child web = serve(theirs, image, "rootless", "web")) {
                assertThat(guest(theirs, image, "rootless", "one", who("web"))).startsWith("guest to 10.90.0.");
                assertThat(guest("rootless", "one", who("web"))).isEqualTo("nobody\n");
                end(web);
            }
            assertThat(own.leaks()).isEmpty();
        }
    }

    @Test
    void shouldRefuseToGoWhileMachinesAreInItAndEndThemByForce() {
        try (Child web = serve("rootless", "web")) {
            assertThat(home.run("network", "rm", "one").exitCode()).isEqualTo(2);
            home.run("network", "rm", "-f", "one").expect(0);
            assertThat(web.outcome().exitCode()).isNotZero();
        }
        assertThat(home.run("network", "rm", "one").exitCode()).isEqualTo(1);
        Complaint.alone(
                home.run("run", "--rm", "--network", "one", image, "true"),
                "no network \"one\"",
                "fcvm network create");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rootless", "privileged"})
    void shouldOutliveAKillAndGoWithItsLastMachine(String mode) {
        try (Child killed = serve(mode, "web")) {
            killed.signal("KILL");
            killed.closed();
        }
        assertThat(fcvm.processes()).anyMatch(line -> line.contains("vde_switch"));
        assertThat(home.run("network", "inspect", "one").expect(0).out())
                .as("it runs, and has its place")
                .contains("\"names\":[\"web\"");

        assertThat(guest(mode, "one", who("web"))).startsWith("guest to ");
        home.run("rm", "-f", "web").expect(0);
        assertThat(fcvm.processes()).isEmpty();
    }

    @Test
    void shouldDropWhatNoMachineOfItMaySend() {
        try (Child one = serve("privileged", "m1");
                Child other = serve("privileged", "m2")) {
            List<String> namespaces = fcvm.processes()
                    .filter(line -> line.contains("vde_plug2tap"))
                    .map(line -> line.substring(0, line.indexOf(':')))
                    .toList();
            assertThat(namespaces).hasSize(2);
            String to = in(namespaces.get(1), "ip", "-4", "-o", "address", "show", "net0")
                    .replaceAll("(?s).* inet ([0-9.]+)/.*", "$1");
            in(namespaces.get(0), "ip", "address", "add", "198.51.100.66/32", "dev", "net0");
            in(namespaces.get(0), "nft", "flush", "chain", "inet", "fcvm", "translate_out");
            Instant deadline = Instant.now().plus(Duration.ofSeconds(20));
            String rules;
            do {
                assertThat(Instant.now()).isBefore(deadline);
                in(namespaces.get(0), "sh", "-c", "echo ? | socat - UDP4:" + to + ":7,bind=198.51.100.66");
                rules = in(namespaces.get(1), "nft", "list", "chain", "inet", "fcvm", "from_guest");
            } while (!rules.matches(
                    "(?s).*packets [1-9][0-9]* bytes [0-9]+ drop comment \"not an address of the network.*"));
            end(one);
            end(other);
        }
    }

    /** Runs a command in the network namespace of a process. */
    private static String in(String process, String... command) {
        return Child.of(command)
                .inside("nsenter", "--target", process, "--net", "--")
                .run()
                .expect(0)
                .out();
    }

    @Test
    void shouldBeJoinedAnewWhenTheSwitchIsKilled() {
        try (Child web = serve("rootless", "web")) {
            long wire = fcvm.processes()
                    .filter(line -> line.contains("vde_switch"))
                    .mapToLong(line -> Long.parseLong(line.substring(0, line.indexOf(':'))))
                    .findFirst()
                    .orElseThrow();
            Child.of("kill", "-9", Long.toString(wire)).run().expect(0);
            web.awaitErr("the network one was lost");
            assertThat(guest("rootless", "one", "for i in 1 2 3 4 5; do " + who("web") + "sleep 1; done"))
                    .contains("guest to 10.232.0.");
            end(web);
        }
    }
}
