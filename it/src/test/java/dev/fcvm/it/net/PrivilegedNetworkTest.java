package dev.fcvm.it.net;

import static dev.fcvm.it.net.Town.HOST;
import static dev.fcvm.it.net.Town.HOST6;
import static dev.fcvm.it.net.Town.LOOPBACK_PORT;
import static dev.fcvm.it.net.Town.METADATA6;
import static dev.fcvm.it.net.Town.OUTSIDE;
import static dev.fcvm.it.net.Town.OUTSIDE6;
import static dev.fcvm.it.net.Town.PORT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Complaint;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The network of machines root starts. */
class PrivilegedNetworkTest extends NetworkContract {

    @Override
    String mode() {
        return "privileged";
    }

    @Override
    List<String> tools() {
        return List.of("/usr/sbin/nft");
    }

    @Override
    Fcvm user() {
        return Fcvm.create();
    }

    @Override
    void prepare() {
        town.host()
                .run(
                        "nft",
                        "-f",
                        Path.of(System.getProperty("fcvm.test.repository"), "network", "nftables-template.nft")
                                .toString());
    }

    /** The machine's own gateway, of the pool. */
    @Override
    String callerFromLoopback(String answer) {
        return answer.matches("200 guest to 10\\.231\\.[0-9.]+")
                ? answer.substring("200 guest to ".length())
                : "the pool";
    }

    @Test
    void shouldAnswerFromOutsideOnPublishedPortsOnlyAndSeeWhoCalls() {
        try (Child machine = serve("-p", "8080:80", "-p", "8007:7/udp", "-p", "127.0.0.1:8081:80")) {
            assertThat(Path.of("/proc/" + Town.monitor(fcvm) + "/status"))
                    .as("a user of its own, also where root alone may open /dev/net/tun and /dev/kvm")
                    .content()
                    .containsPattern("Uid:(\t20000[0-9]+){4}\n");
            assertThat(town.outside().http(HOST, 8080)).isEqualTo("200 guest to " + OUTSIDE);
            assertThat(town.outside().echo(HOST, 8007, "a word")).isEqualTo("a word");
            assertThat(town.host().http(HOST, 8080)).isEqualTo("200 guest to " + HOST);
            assertThat(town.host().http("127.0.0.1", 8080)).startsWith("200 guest to 10.231.");
            assertThat(town.outside().scan(HOST)).containsExactly("8080");
            end(machine);
        }
    }

    @Test
    void shouldSpeakIpv6WhenItIsWanted() {
        onlyOnFirecracker();
        String question = "socat -T2 - 'TCP6:[" + OUTSIDE6 + "]:" + PORT + "' 2>&1; echo";

        assertThat(guest(question, "--ipv6")).isEqualTo("outside to " + HOST6 + "\n");
        assertThat(guest(question)).contains("Network is unreachable");
        assertThat(guest(question, "--ipv6", "--egress", "deny", "--allow", "[" + OUTSIDE6 + "]:" + PORT))
                .isEqualTo("outside to " + HOST6 + "\n");
        assertThat(guest(question, "--ipv6", "--egress", "deny")).doesNotContain("outside to");
        Complaint.alone(call(List.of("-p", "[::1]:8080:80"), "true").run(), "[::1]:8080", "--ipv6");
    }

    @Test
    void shouldAnswerOnPublishedPortsByIpv6AndSeeWhoCalls() {
        onlyOnFirecracker();
        try (Child machine = serve(
                "--name",
                "live",
                "--ipv6",
                "-p",
                "8080:80",
                "-p",
                "[::1]:8081:80",
                "-p",
                "[" + HOST6 + "]:8007:7/udp")) {
            assertThat(home.run("port", "live").expect(0).out())
                    .contains("80/tcp -> 0.0.0.0:8080\n", "80/tcp -> [::]:8080\n", "80/tcp -> [::1]:8081\n");
            assertThat(town.outside().http(HOST6, 8080)).isEqualTo("200 guest to " + OUTSIDE6);
            assertThat(town.outside().http(HOST, 8080)).isEqualTo("200 guest to " + OUTSIDE);
            assertThat(town.outside().echo(HOST6, 8007, "a word")).isEqualTo("a word");
            assertThat(town.outside().scan(HOST6)).containsExactly("8080");
            assertThat(town.host().http(HOST6, 8080)).isEqualTo("200 guest to " + HOST6);
            assertThat(town.host().http("::1", 8080)).startsWith("200 guest to fd5e:7a1c:93d2::");
            assertThat(town.host().http("::1", 8081)).startsWith("200 guest to fd5e:7a1c:93d2::");

            home.run("publish", "live", "-p", "8082:80", "-p", "[::1]::81").expect(0);
            assertThat(town.outside().http(HOST6, 8082)).isEqualTo("200 guest to " + OUTSIDE6);
            home.run("unpublish", "live", "-p", "8082:80").expect(0);
            assertThat(town.outside().http(HOST6, 8082)).isEqualTo("nobody");
            assertThat(town.outside().http(HOST, 8082)).isEqualTo("nobody");
            Complaint.alone(
                    call(List.of("--ipv6", "-p", "[" + HOST6 + "]:8007:7/udp"), "true")
                            .run(),
                    "8007",
                    "published already by the machine");
            end(machine);
        }
        assertThat(town.host().http("::1", 8080)).isEqualTo("nobody");
    }

    /** Neither the host's services, nor other machines, nor its cloud's secrets. */
    @Test
    void shouldReachNothingOfTheHostsByIpv6ButTheOutside() {
        onlyOnFirecracker();
        town.host().serve("host", LOOPBACK_PORT + 2);
        assertThat(town.outside().ask("tcp", HOST6, LOOPBACK_PORT + 2)).startsWith("host to ");
        try (Child machine = serve("--ipv6", "-p", "8080:80")) {
            assertThat(town.outside().http(HOST6, 8080)).isEqualTo("200 guest to " + OUTSIDE6);
            assertThat(town.outside().ask("tcp", METADATA6, PORT)).startsWith("outside to ");
            String other = town.host()
                    .run("nft", "list", "set", "inet", "fcvm", "machines6")
                    .replaceAll("(?s).*elements = \\{ ([0-9a-f:]+) }.*", "$1");
            assertThat(other).startsWith("fd5e:7a1c:93d2::");
            String gateway = other.substring(0, other.length() - 1)
                    + Integer.toHexString(Character.digit(other.charAt(other.length() - 1), 16) - 1);
            assertThat(town.host().ask("tcp", gateway, LOOPBACK_PORT + 2)).startsWith("host to ");
            long before = town.counter("refused");
            StringBuilder script = new StringBuilder();
            for (String target : List.of(
                    "[" + other + "]:80",
                    "[" + gateway + "]:" + (LOOPBACK_PORT + 2),
                    "[" + HOST6 + "]:8080",
                    "[" + HOST6 + "]:" + (LOOPBACK_PORT + 2),
                    "[" + METADATA6 + "]:" + PORT)) {
                script.append(
                        "socat -T1 - 'TCP6:%1$s,connect-timeout=2' </dev/null 2>/dev/null | grep -q . && echo reached '%1$s'; "
                                .formatted(target));
            }
            assertThat(guest(script + "echo end", "--ipv6")).isEqualTo("end\n");
            assertThat(town.counter("refused")).isGreaterThan(before);
            end(machine);
        }
    }

    /** A host that forwards is a router otherwise, and forgets the routes it was told by another. */
    @Test
    void shouldForwardIpv6AndLeaveTheHostAHostOnItsOwnCards() {
        onlyOnFirecracker();
        String settings =
                "cd /proc/sys/net/ipv6/conf; grep . default/forwarding wan/forwarding wan/accept_ra lo/forwarding";
        town.host().script("echo 0 >/proc/sys/net/ipv6/conf/all/forwarding");
        String host = town.host().run("sh", "-c", settings);
        assertThat(host).contains("wan/forwarding:0", "wan/accept_ra:1");
        String question = "socat -T2 - 'TCP6:[" + OUTSIDE6 + "]:" + PORT + "' 2>&1";
        Outcome outcome = home.run(
                "run", "--rm", "--mode", mode(), "--network", "default", "--ipv6", image, "sh", "-c", question);

        assertThat(outcome.expect(0).out()).isEqualTo("outside to " + HOST6);
        assertThat(outcome.err()).contains("net.ipv6.conf.all.forwarding");
        assertThat(town.host().run("cat", "/proc/sys/net/ipv6/conf/all/forwarding"))
                .isEqualTo("1\n");
        assertThat(town.host().run("sh", "-c", settings)).isEqualTo(host);
    }

    @Test
    void shouldHoldAPortForAsLongAsItIsPublishedAndNoLonger() {
        onlyOnFirecracker();
        try (Child machine = serve("--name", "live", "-p", "127.0.0.1:8080:80")) {
            assertThat(isFree(8080)).isFalse();
            home.run("unpublish", "live", "-p", "8080:80").expect(0);
            assertThat(isFree(8080)).isTrue();
            home.run("publish", "live", "-p", "127.0.0.1:8080:80", "-p", "127.0.0.1:8082:81")
                    .expect(0);
            assertThat(town.host().http("127.0.0.1", 8080)).startsWith("200 guest");
            assertThat(isFree(8080)).isFalse();
            assertThat(isFree(8082)).isFalse();
            home.run("unpublish", "live", "--all").expect(0);
            assertThat(isFree(8080)).isTrue();
            assertThat(isFree(8082)).isTrue();
            end(machine);
        }
    }

    /** Whether another program can have a port of the host's loopback. */
    private boolean isFree(int port) {
        return town.host().run("python3", "-c", """
                        import socket, sys
                        try:
                            socket.socket().bind(('127.0.0.1', int(sys.argv[1])))
                            print('free')
                        except OSError:
                            print('taken')
                        """, Integer.toString(port)).equals("free\n");
    }

    @Test
    void shouldNotReachOtherMachines() {
        onlyOnFirecracker();
        try (Child machine = serve("-p", "8080:80")) {
            assertThat(town.outside().http(HOST, 8080)).isEqualTo("200 guest to " + OUTSIDE);
            String other = town.host()
                    .run("nft", "list", "set", "inet", "fcvm", "machines")
                    .replaceAll("(?s).*elements = \\{ ([0-9.]+) }.*", "$1");
            assertThat(other).startsWith("10.231.");
            StringBuilder script = new StringBuilder();
            for (String target : List.of(other + " 80", other + " 8", HOST + " 8080", HOST + " 80")) {
                script.append("nc -w 1 %1$s </dev/null >/dev/null 2>&1 && echo reached %1$s; ".formatted(target));
            }
            assertThat(guest(script + "echo end")).isEqualTo("end\n");
            end(machine);
        }
    }

    @Test
    void shouldServeTwentyMachinesAtOnceAndRefuseTheSamePortASecondTime() {
        onlyOnFirecracker();
        List<Child> machines = new ArrayList<>();
        try {
            for (int number = 0; number < 20; number++) {
                machines.add(call(List.of("--name", "m" + number, "-p", (9100 + number) + ":80"), "/bin/serve")
                        .start());
            }
            machines.forEach(machine -> machine.awaitOut("ready\n"));
            for (int number = 0; number < 20; number++) {
                assertThat(town.outside().http(HOST, 9100 + number)).isEqualTo("200 guest to " + OUTSIDE);
            }
            Complaint.alone(call(List.of("-p", "9107:80"), "true").run(), "9107", "published already by the machine");
            machines.forEach(machine -> machine.signal("TERM"));
            machines.forEach(machine -> machine.outcome().expect(40));
        } finally {
            machines.forEach(Child::close);
        }
    }

    @Test
    void shouldLeaveNothingWhenTheJailFails() {
        onlyOnFirecracker();
        Path jailer = fcvm.place().file("jailer", "#!/bin/sh\necho broken >&2\nexit 9\n");
        assertThat(jailer.toFile().setExecutable(true)).isTrue();

        Outcome refused = call(List.of("-p", "8080:80"), "true")
                .env("FIRECRACKER_JAILER", jailer.toString())
                .run();

        Complaint.in(refused, "exit code 9");
    }
}
