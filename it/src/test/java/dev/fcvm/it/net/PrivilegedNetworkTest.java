package dev.fcvm.it.net;

import static dev.fcvm.it.net.Town.HOST;
import static dev.fcvm.it.net.Town.OUTSIDE;
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
            assertThat(town.outside().http(HOST, 8080)).isEqualTo("200 guest to " + OUTSIDE);
            assertThat(town.outside().echo(HOST, 8007, "a word")).isEqualTo("a word");
            assertThat(town.host().http(HOST, 8080)).isEqualTo("200 guest to " + HOST);
            assertThat(town.host().http("127.0.0.1", 8080)).startsWith("200 guest to 10.231.");
            assertThat(town.outside().scan(HOST)).containsExactly("8080");
            end(machine);
        }
    }

    @Test
    void shouldRefuseIpv6WhichItsUplinkDoesNotSpeak() {
        onlyOnFirecracker();
        Complaint.alone(call(List.of("--ipv6"), "true").run(), "--ipv6", "--mode rootless");
        Complaint.alone(call(List.of("-p", "[::1]:8080:80"), "true").run(), "[::1]:8080", "IPv4");
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
