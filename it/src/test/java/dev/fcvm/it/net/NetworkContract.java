package dev.fcvm.it.net;

import static dev.fcvm.it.net.Town.ALLOWED;
import static dev.fcvm.it.net.Town.HOST;
import static dev.fcvm.it.net.Town.LOOPBACK_PORT;
import static dev.fcvm.it.net.Town.METADATA;
import static dev.fcvm.it.net.Town.OUTSIDE;
import static dev.fcvm.it.net.Town.OUTSIDE6;
import static dev.fcvm.it.net.Town.PORT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Complaint;
import dev.fcvm.it.harness.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a machine's network does, whoever starts the machine; the whole of it runs in a {@link Town}. */
abstract class NetworkContract extends InTown {

    @Test
    void shouldAnswerOnPublishedPortsUntilTheMachineEnds() {
        Namespace host = town.host();
        try (Child machine = serve("-p", "127.0.0.1:8080:80", "-p", "127.0.0.1:8007:7/udp")) {
            String answer = host.http("127.0.0.1", 8080);
            assertThat(answer).isEqualTo("200 guest to " + callerFromLoopback(answer));
            assertThat(host.echo("127.0.0.1", 8007, "a word")).isEqualTo("a word");
            assertThat(host.tryAsking("tcp", HOST, 8080)).isEqualTo("nobody");
            assertThat(town.outside().http(HOST, 8080)).isEqualTo("nobody");
            end(machine);
        }
        assertThat(host.http("127.0.0.1", 8080)).isEqualTo("nobody");
        assertThat(host.echo("127.0.0.1", 8007, "a word")).isEqualTo("nobody");
    }

    @Test
    void shouldPublishEveryPortTheImageExposes() {
        onlyOnFirecracker();
        try (Child machine = serve("--name", "all", "-P", "-p", "127.0.0.1:8080:80")) {
            String ports = home.run("port", "all").expect(0).out();
            assertThat(ports).containsOnlyOnce("80/tcp -> ").contains("80/tcp -> 127.0.0.1:8080\n");
            String other = ports.lines()
                    .filter(line -> line.startsWith("81/tcp -> "))
                    .map(line -> line.substring(line.lastIndexOf(':') + 1))
                    .collect(Collectors.joining());
            assertThat(town.host().http("127.0.0.1", Integer.parseInt(other))).startsWith("200 guest");
            end(machine);
        }
    }

    @Test
    void shouldOpenAndCloseAPortOfAMachineThatRuns() {
        onlyOnFirecracker();
        Namespace host = town.host();
        try (Child machine = serve("--name", "live", "-p", "127.0.0.1:8080:80")) {
            assertThat(home.run("port", "live").expect(0).out()).isEqualTo("80/tcp -> 127.0.0.1:8080\n");
            home.run("publish", "live", "-p", "127.0.0.1:8082:80", "-p", "127.0.0.1:8083:81")
                    .expect(0);
            assertThat(host.http("127.0.0.1", 8082)).startsWith("200 guest");
            Complaint.alone(home.run("publish", "live", "-p", "127.0.0.1:8082:80"), "8082");
            home.run("unpublish", "live", "-p", "127.0.0.1:8082:80").expect(0);
            assertThat(host.http("127.0.0.1", 8082)).isEqualTo("nobody");
            assertThat(home.run("port", "live", "81").out()).isEqualTo("127.0.0.1:8083\n");
            end(machine);
        }
    }

    @Test
    void shouldPassTheHostsProxiesOnUnlessToldNotTo() {
        onlyOnFirecracker();
        String script = "env | grep -i _proxy | sort; echo end";
        String expected = "HTTPS_PROXY=http://p.test:2\nhttp_proxy=http://p.test:1\nno_proxy=localhost,.test\nend\n";

        assertThat(proxied(List.of(), script)).isEqualTo(expected);
        assertThat(proxied(List.of("--http-proxy"), script)).isEqualTo(expected);
        assertThat(proxied(List.of("--env", "http_proxy=http://own.test"), script))
                .contains("http_proxy=http://own.test\n")
                .contains("no_proxy=localhost,.test\n");
        assertThat(proxied(List.of("--http-proxy=false"), script)).isEqualTo("end\n");
    }

    private String proxied(List<String> flags, String script) {
        return call(flags, "sh", "-c", script)
                .env("http_proxy", "http://p.test:1")
                .env("HTTPS_PROXY", "http://p.test:2")
                .env("no_proxy", "localhost,.test")
                .run()
                .expect(0)
                .out();
    }

    /** What serves a machine beside its monitor takes orders by sockets, which no monitor may give. */
    @Test
    void shouldGiveTheMonitorNoSocketsButItsOwn() {
        onlyOnFirecracker();
        try (Child machine = serve("-p", "127.0.0.1:8080:80")) {
            assertThat(Child.of("ls", "/proc/" + Town.monitor(fcvm) + "/root/sockets")
                            .run()
                            .expect(0)
                            .out()
                            .lines())
                    .containsExactly("api.sock", "vsock.sock");
            end(machine);
        }
    }

    /** Firecracker passes such a call on to a socket beside its own, named after the port; nobody makes any. */
    @Test
    void shouldLetNoGuestCallTheHostByVsock() {
        onlyOnFirecracker();
        String said = guest(
                "for port in 1 52 1024 5000; do timeout 5 socat - VSOCK-CONNECT:2:$port </dev/null 2>&1 || echo refused;"
                        + " done",
                "--privileged");
        assertThat(said.lines().filter(line -> line.equals("refused"))).as(said).hasSize(4);
        assertThat(said).contains("Connection reset by peer");
    }

    @Test
    void shouldCarryTwoHundredConnectionsAtOnceAndAGigabyteEachWay() {
        onlyOnFirecracker();
        Namespace host = town.host();
        try (Child machine = serve("-p", "8081:81", "-p", "8008:8")) {
            String answer = host.http("127.0.0.1", 8081, 200);
            assertThat(answer).matches("200 x 200 guest to [0-9.]+");
            host.mirror("127.0.0.1", 8008, 1024);
            end(machine);
        }
    }

    @Test
    void shouldReachTheOutsideByAddressAndByTheHostsNames() {
        String said =
                guest(ask(OUTSIDE, PORT) + ask("allowed.test", PORT) + ask("short", PORT) + "cat /etc/resolv.conf");

        assertThat(said).contains("search town.test", "nameserver 172.30.0.1");
        assertThat(said.lines().filter(line -> line.equals("outside to " + HOST)))
                .as(said)
                .hasSize(3);
    }

    @Test
    void shouldKnowItselfAndWhatItIsTold() {
        onlyOnFirecracker();
        String said = guest(
                "hostname; cat /etc/hosts /etc/resolv.conf;" + ask("elsewhere", PORT) + ask("short", PORT)
                        + "nc -w 1 $(hostname) 1 2>&1; true",
                "--hostname",
                "me",
                "--add-host",
                "elsewhere:" + OUTSIDE,
                "--dns",
                OUTSIDE,
                "--dns-search",
                "nowhere.test");

        assertThat(said)
                .startsWith("me\n")
                .contains("nameserver " + OUTSIDE, "search nowhere.test", "outside to " + HOST, "bad address 'short'")
                .contains("(127.0.1.1): Connection refused")
                .containsPattern("127.0.1.1\\s+me\n")
                .containsPattern(OUTSIDE + "\\s+elsewhere\n");
    }

    @Test
    void shouldReachTheHostsLoopbackOnlyWhenAllowed() {
        onlyOnFirecracker();
        String question = ask("host.containers.internal", LOOPBACK_PORT);

        assertThat(guest(question, "--allow-host-loopback")).contains("host to ");
        assertThat(guest(question)).doesNotContain("host to ");
        assertThat(guest(ask("127.0.0.1", LOOPBACK_PORT), "--allow-host-loopback"))
                .as("the guest's own loopback is not the host's")
                .doesNotContain("host to ");
    }

    @Test
    void shouldReachOnlyWhatIsAllowedAndRefuseTheRestAtOnce() {
        String script = ask("allowed.test", PORT)
                + "echo then; begun=$(date +%s);" + ask("other.test", PORT) + ask(OUTSIDE, PORT)
                + "nc -w 9 " + ALLOWED + " 7001 2>&1; nslookup other.test " + OUTSIDE + " 2>&1;"
                + "[ $(($(date +%s) - begun)) -lt 9 ] && echo quickly";
        String said = guest(script, "--egress", "deny", "--allow", "allowed.test:" + PORT);

        assertThat(said).startsWith("outside to " + HOST).contains("bad address 'other.test'", "quickly");
        assertThat(said.substring(said.indexOf("then"))).doesNotContain("outside to");
    }

    @Test
    void shouldReachAnAllowedNetworkByTheAllowedPort() {
        onlyOnFirecracker();
        String said = guest(
                ask(ALLOWED, PORT) + "echo then;" + ask(OUTSIDE, PORT) + ask(ALLOWED, PORT + 1),
                "--egress",
                "deny",
                "--allow",
                "198.51.100.0/24:" + PORT);

        String refused = said.substring(said.indexOf("then"));
        assertThat(said).startsWith("outside to " + HOST);
        assertThat(said.substring(0, said.indexOf("then")).split("outside to", -1))
                .as(said)
                .hasSize(2);
        assertThat(refused).doesNotContain("outside to", "timed out");
    }

    /** Questions would be a way out, by names that somebody else's server is asked for. */
    @Test
    void shouldAskNobodyForANameWhereNoneIsAllowed() {
        onlyOnFirecracker();
        StringBuilder script = new StringBuilder("nslookup allowed.test 2>&1; echo then;");
        for (String server : List.of(OUTSIDE, "10.0.2.3")) {
            script.append("nslookup allowed.test %s 2>&1; nc -w 1 %s 53 </dev/null && echo connected;"
                            .formatted(server, server))
                    .append("nc -w 1 %s 853 </dev/null && echo connected; ".formatted(server));
        }
        assertThat(guest(script + "true", "--egress", "deny", "--ipv6"))
                .contains("NXDOMAIN", "then")
                .doesNotContain(ALLOWED, "connected");
    }

    @Test
    void shouldNeverReachTheMetadataOfTheHostsCloud() {
        onlyOnFirecracker();
        assertThat(town.host().ask("tcp", METADATA, 80)).startsWith("metadata to ");

        assertThat(guest(ask(METADATA, 80), "--egress", "open")).contains("No route to host");
        // Firecracker's own, with the machine's plan, answers on that address; this guest is bent on the host's.
        assertThat(guest(
                        "ip route del unreachable " + METADATA + "; ip route add " + METADATA + " via 172.30.0.1 2>&1;"
                                + ask(METADATA, 80) + ask(METADATA, PORT),
                        "--cap-add",
                        "NET_ADMIN"))
                .doesNotContain("metadata to", "outside to");
    }

    @Test
    void shouldHaveNoNetworkWhenNoneIsWanted() {
        String said = home.call(
                        "run",
                        "--rm",
                        "--quiet",
                        "--mode",
                        mode(),
                        "--network",
                        "none",
                        image,
                        "sh",
                        "-c",
                        ask(OUTSIDE, PORT) + "ls /sys/class/net; ip route")
                .run()
                .expect(0)
                .out();

        assertThat(said).contains("Network is unreachable").endsWith("lo\n");
        Complaint.in(
                home.run("run", "--mode", mode(), "--network", "none", "-p", "8080:80", image, "true"), "--publish");
    }

    @Test
    void shouldDropAndCountWhatAGuestSendsAsSomebodyElse() {
        onlyOnFirecracker();
        assertDroppedAndCounted(0, "10.99.99.99/32", "UDP:" + OUTSIDE + ":7000", ",bind=10.99.99.99");
    }

    @Test
    void shouldDropAndCountWhatAGuestSendsByIpv6AsSomebodyElse() {
        onlyOnFirecracker();
        assertDroppedAndCounted(1, "fd00:99::99/128", "UDP6:[" + OUTSIDE6 + "]:7000", ",bind=[fd00:99::99]", "--ipv6");
    }

    private void assertDroppedAndCounted(
            int counter, String address, String destination, String bind, String... flags) {
        // By the first question the guest gets to know its gateway.
        String script = "ip address add %1$s dev lo; echo x | socat -T1 - '%2$s' >/dev/null; echo added; read -r _;"
                + " echo x | socat -T1 - '%2$s%3$s'; echo done; read -r _";
        script = script.formatted(address, destination, bind);
        List<String> all = new ArrayList<>(List.of("-i", "--cap-add", "NET_ADMIN"));
        all.addAll(List.of(flags));
        Outcome outcome;
        try (Typing typing = new Typing();
                Child machine =
                        call(all, "sh", "-c", script).stdin(typing.input()).start()) {
            machine.awaitOut("added\n");
            assertThat(spoofed(counter)).isZero();
            typing.line("go");
            machine.awaitOut("done\n");
            assertThat(spoofed(counter)).isPositive();
            typing.line("end");
            outcome = machine.outcome();
        }
        assertThat(outcome.expect(0).out()).doesNotContain("outside to");
    }

    private long spoofed(int counter) {
        return Stream.of(Town.inMachine(fcvm, "nft", "list", "chain", "inet", "fcvm", "from_guest")
                        .split("packets "))
                .skip(1 + counter)
                .mapToLong(count -> Long.parseLong(count.substring(0, count.indexOf(' '))))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shouldKeepToTheBandwidthItIsGiven() {
        onlyOnFirecracker();
        // Four times what it may in a second, of which the first is in the bucket: no host is fast enough for less than
        // three seconds, and none so slow that it would take two without the limit.
        try (Child machine = serve("-p", "127.0.0.1:8008:8", "--network-bandwidth", "1m")) {
            assertThat(town.host().mirror("127.0.0.1", 8008, 4)).isGreaterThan(2);
            end(machine);
        }
    }

    @Test
    void shouldRefuseAPortThatIsTakenBeforeTheBoot() {
        onlyOnFirecracker();
        Complaint.alone(
                call(List.of("-p", "127.0.0.1:" + LOOPBACK_PORT + ":80"), "true")
                        .run(),
                Integer.toString(LOOPBACK_PORT),
                "it is taken by");
    }

    @Test
    void shouldLeaveNothingWhenTheNetworkCannotBeMade() {
        onlyOnFirecracker();
        for (String tool : tools()) {
            Outcome refused = call(town.without(fcvm, tool), List.of("-p", "8080:80"), "true")
                    .run();
            Complaint.in(refused, tool.substring(tool.lastIndexOf('/') + 1));
            shouldLeaveNothing();
        }
    }

    /** The programs without which there is no network. */
    abstract List<String> tools();

    @Test
    void shouldOutliveAKillAndGoWithItsMachine() {
        onlyOnFirecracker();
        try (Child killed =
                serve("--name", "killed", "-p", "127.0.0.1:8080:80", "--egress", "deny", "--allow", "allowed.test")) {
            killed.signal("KILL");
            killed.closed();
            assertThat(fcvm.leaks()).isNotEmpty();
        }
        home.run("rm", "-f", "killed").expect(0);
        Outcome next = call(List.of("-p", "127.0.0.1:8080:80"), "echo", "swept").run();

        assertThat(next.expect(0).out()).isEqualTo("swept\n");
    }
}
