package dev.fcvm.it.net;

import static dev.fcvm.it.net.Town.HOST;
import static dev.fcvm.it.net.Town.HOST6;
import static dev.fcvm.it.net.Town.LOOPBACK_PORT;
import static dev.fcvm.it.net.Town.OUTSIDE;
import static dev.fcvm.it.net.Town.OUTSIDE6;
import static dev.fcvm.it.net.Town.PORT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Complaint;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.OrdinaryUser;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The network of machines an ordinary user starts. */
class RootlessNetworkTest extends NetworkContract {

    @Override
    String mode() {
        return "rootless";
    }

    @Override
    List<String> tools() {
        return List.of("/usr/bin/slirp4netns", "/usr/sbin/nft", "/dev/net/tun");
    }

    @Override
    Fcvm user() {
        return Fcvm.of(opened(OrdinaryUser.make()));
    }

    @Override
    String callerFromLoopback(String answer) {
        return "10.0.2.2";
    }

    @Test
    void shouldAnswerFromOutsideOnPublishedPortsOnly() {
        onlyOnFirecracker();
        try (Child machine = serve("-p", HOST + ":8080:80", "-p", "8081:80")) {
            assertThat(town.outside().http(HOST, 8080)).isEqualTo("200 guest to " + OUTSIDE);
            assertThat(town.host().http(HOST, 8080)).isEqualTo("200 guest to " + HOST);
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
    }

    @Test
    void shouldNotReachOtherMachinesOfTheSameUser() {
        onlyOnFirecracker();
        try (Child machine = serve("-p", "8080:80")) {
            assertThat(town.host().http("127.0.0.1", 8080)).isEqualTo("200 guest to 10.0.2.2");
            assertThat(guest("for a in 10.0.2.2 10.0.2.100 172.30.0.1; do for p in 80 8080; do timeout 3 nc -w 2 $a $p"
                            + " </dev/null >/dev/null 2>&1 && echo reached $a $p; done; done; echo end"))
                    .isEqualTo("end\n");
            end(machine);
        }
    }

    @Test
    void shouldHaveItsNetworkBackWhenSlirp4netnsIsKilled() {
        onlyOnFirecracker();
        try (Child machine = serve("-p", "8080:80")) {
            assertThat(town.host().http("127.0.0.1", 8080)).startsWith("200 ");
            Child.of("kill", "-9", Long.toString(slirp())).run().expect(0);

            machine.awaitErr("the machine's network was lost: slirp4netns ended with exit code 137");
            Instant end = Instant.now().plus(Duration.ofSeconds(30));
            while (!town.host().http("127.0.0.1", 8080).startsWith("200 ")) {
                assertThat(Instant.now())
                        .as("the new network\n%s", machine.errSoFar())
                        .isBefore(end);
            }
            end(machine);
        }
    }

    @Test
    void shouldSayWhenSlirp4netnsDoesNotAnswer() {
        onlyOnFirecracker();
        try (Child machine = serve("--name", "live", "-p", "8080:80")) {
            String slirp = Long.toString(slirp());
            Child.of("kill", "-STOP", slirp).run().expect(0);
            try {
                Complaint.alone(
                        home.run("publish", "live", "-p", "8081:80"), "slirp4netns does not answer within 10 s");
            } finally {
                Child.of("kill", "-CONT", slirp).run().expect(0);
            }
            assertThat(home.run("port", "live").expect(0).out()).isEqualTo("80/tcp -> 127.0.0.1:8080\n");
            end(machine);
        }
    }

    private long slirp() {
        return fcvm.processes()
                .filter(line -> line.contains("slirp4netns --configure"))
                .mapToLong(line -> Long.parseLong(line.substring(0, line.indexOf(':'))))
                .findFirst()
                .orElseThrow();
    }

    /** To slirp4netns every address of its network is the host's loopback, by IPv6 as well. */
    @Test
    void shouldNotReachTheHostsLoopbackByAnyOtherAddress() {
        onlyOnFirecracker();
        town.host().serveOn("::1", "host", LOOPBACK_PORT + 1);
        String ipv6 = "socat -T2 - 'TCP6:[fd00::2]:%d' 2>&1; echo;".formatted(LOOPBACK_PORT + 1);

        assertThat(guest(ipv6, "--ipv6", "--allow-host-loopback")).contains("host to ");
        assertThat(guest(ipv6 + ask("10.0.2.50", LOOPBACK_PORT) + ask("10.0.2.3", LOOPBACK_PORT), "--ipv6"))
                .doesNotContain("host to ", "outside to ", "timed out");
    }
}
