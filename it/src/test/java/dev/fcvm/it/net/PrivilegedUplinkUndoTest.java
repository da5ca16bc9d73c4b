package dev.fcvm.it.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Child;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is left of the uplinks of machines started as root, however they end: nothing. */
@Tag("machine")
@Timeout(300)
class PrivilegedUplinkUndoTest extends UplinkWorld {

    @Test
    void shouldServeTwentyMachinesAtOnceAndLeaveNothing() throws Exception {
        installTable();
        String before = snapshot();
        for (int number = 0; number < 20; number++) {
            machine("m" + number, "tcp,0.0.0.0," + (9000 + number) + ",80").serve("m" + number, 80);
        }
        for (int number = 0; number < 20; number++) {
            assertThat(neighbour.ask("tcp", HOST, 9000 + number)).isEqualTo("m" + number + " to " + NEIGHBOUR);
        }
        for (int number = 0; number < 20; number++) {
            uplinks.ok("close", "m" + number);
        }
        assertThat(snapshot()).isEqualTo(before);
        assertThat(neighbour.scan(HOST)).isEmpty();
    }

    @Test
    void shouldTakeEverythingBackAlsoWhenTheMachineEndedBeforeOrTheThreadIsInterrupted() throws Exception {
        installTable();
        String before = snapshot();
        Namespace gone = machine("a", "tcp,0.0.0.0,8080,80");
        gone.close();
        uplinks.ok("close", "a");
        uplinks.ok("close", "a");
        assertThat(snapshot()).isEqualTo(before);

        machine("b", "tcp,0.0.0.0,8080,80");
        assertThat(uplinks.ok("interrupted-close", "b")).isEqualTo("true");
        assertThat(snapshot()).isEqualTo(before);
        assertThat(place.resolve("machines/b/journal")).doesNotExist();
    }

    @Test
    void shouldLeaveNothingWhenTheMachineIsNotThereToBeJoined() throws Exception {
        installTable();
        String before = snapshot();
        uplinks.ok("claim", "a", "tcp,0.0.0.0,8080,80");

        assertThat(uplinks.refused("attach", "a", "4194305")).contains("cannot make the machine's link");
        uplinks.ok("close", "a");

        assertThat(snapshot()).isEqualTo(before);
    }

    @Test
    void shouldBeSweptAfterAKillWhetherTheMachineLivesOrNot() throws Exception {
        installTable();
        String before = snapshot();
        Namespace lives = machine("a", "ipv6", "tcp,0.0.0.0,8080,80", "tcp,::,8080,80", "tcp,::1,8081,80");
        lives.serve("a", 80);
        uplinks.ok("publish", "a", "udp,0.0.0.0,53,80");
        machine("b", "tcp,127.0.0.1,8081,80").close();
        uplinks.ok("claim", "c", "tcp,0.0.0.0,8082,80");
        uplinks.kill();
        // A machine outlives its owner, and keeps its network.
        assertThat(neighbour.ask("tcp", HOST, 8080)).isEqualTo("a to " + NEIGHBOUR);
        assertThat(neighbour.ask("tcp", HOST6, 8080)).isEqualTo("a to " + NEIGHBOUR6);

        uplinks = opened(Uplinks.in(host, place, POOL));
        for (String name : List.of("a", "b", "c", "a")) {
            uplinks.ok("sweep", name);
        }

        assertThat(snapshot()).isEqualTo(before);
        assertThat(neighbour.tryAsking("tcp", HOST, 8080)).isEqualTo("nobody");
        assertThat(neighbour.tryAsking("tcp", HOST6, 8080)).isEqualTo("nobody");
    }

    /** What its supervisor had not yet said that it was published is not, and the ports are bound as before. */
    @Test
    void shouldBeTakenOverAfterAKillWithoutAPacketLost() throws Exception {
        installTable();
        String before = snapshot();
        machine("a", "tcp,0.0.0.0,8080,80", "tcp,0.0.0.0,8081,80").serve("a", 80);
        assertThat(uplinks.ok("publish", "a", "tcp,0.0.0.0,8082,80")).contains("8082");
        uplinks.kill();
        assertThat(neighbour.ask("tcp", HOST, 8080)).isEqualTo("a to " + NEIGHBOUR);

        uplinks = opened(Uplinks.in(host, place, POOL));
        uplinks.ok("adopt", "a", "tcp,0.0.0.0,8080,80", "tcp,0.0.0.0,8082,80");

        assertThat(neighbour.ask("tcp", HOST, 8080)).isEqualTo("a to " + NEIGHBOUR);
        assertThat(neighbour.ask("tcp", HOST, 8082)).isEqualTo("a to " + NEIGHBOUR);
        assertThat(neighbour.tryAsking("tcp", HOST, 8081)).isEqualTo("nobody");
        assertThat(host.run("sh", "-c", BIND.formatted(8080))).isEqualTo("taken\n");
        assertThat(host.run("sh", "-c", BIND.formatted(8081))).isEqualTo("free\n");
        uplinks.ok("publish", "a", "tcp,0.0.0.0,8081,80");
        uplinks.ok("unpublish", "a", "tcp,0.0.0.0,8080,80");
        assertThat(neighbour.ask("tcp", HOST, 8081)).isEqualTo("a to " + NEIGHBOUR);
        assertThat(neighbour.tryAsking("tcp", HOST, 8080)).isEqualTo("nobody");

        uplinks.ok("let-go", "a");
        uplinks.ok("close", "a");
        assertThat(neighbour.ask("tcp", HOST, 8081)).isEqualTo("a to " + NEIGHBOUR);
        uplinks.ok("adopt", "a", "tcp,0.0.0.0,8081,80");
        uplinks.ok("close", "a");
        assertThat(snapshot()).isEqualTo(before);
    }

    /** Whoever was publishing it may have been killed, or come too late. */
    @Test
    void shouldCloseAlsoAPortThatNobodyHasWrittenDown() throws Exception {
        installTable();
        String before = snapshot();
        Namespace machine = machine("a", "tcp,0.0.0.0,8080,80");
        host.run("nft", "add element inet fcvm published { tcp . 9999 : %s . 80 }".formatted(addressOf(machine)));
        uplinks.ok("close", "a");
        assertThat(snapshot()).isEqualTo(before);
    }

    @Test
    void shouldSayWhatFailsWhenTheHostsFirewallDoesAndTryAgainLater() throws Exception {
        installTable();
        String before = snapshot();
        machine("a", "tcp,0.0.0.0,8080,80");
        host.script("""
                nft delete table inet fcvm
                nft 'table inet fcvm { set sources { type mark; }; set machines { type mark; }; set callers { type mark; }; }'
                """);

        assertThat(uplinks.refused("close", "a")).startsWith("cannot take back").contains("nft: ");

        host.run("nft", "delete table inet fcvm");
        installTable();
        uplinks.ok("close", "a");
        assertThat(snapshot()).isEqualTo(before);
    }

    private static final String BIND =
            "python3 -c 'import socket; socket.create_server((\"0.0.0.0\", %d))' 2>/dev/null && echo free || echo taken";

    @Test
    void shouldNotSweepWhatHasBecomeSomebodyElses() throws Exception {
        Namespace first = machine("a", "tcp,0.0.0.0,8080,80");
        uplinks.ok("unpublish", "a", "tcp,0.0.0.0,8080,80");
        machine("b", "tcp,0.0.0.0,8080,80").serve("b", 80);
        uplinks.kill();
        first.close();

        uplinks = opened(Uplinks.in(host, place, POOL));
        uplinks.ok("sweep", "a");

        assertThat(neighbour.ask("tcp", HOST, 8080)).isEqualTo("b to " + NEIGHBOUR);
        uplinks.ok("sweep", "b");
    }

    @Test
    void shouldGiveAnAddressOnOnlyWithoutThePortsOfWhoHadIt() throws Exception {
        uplinks.close();
        uplinks = opened(Uplinks.in(host, place, "10.231.0.0/30"));
        Namespace dead = machine("a", "ipv6", "tcp,0.0.0.0,8080,80", "tcp,::,8080,80");
        uplinks.kill();
        uplinks = opened(Uplinks.in(host, place, "10.231.0.0/30"));
        assertThat(uplinks.refused("claim", "b")).contains("all 1 networks for machines");
        dead.close();
        awaitNoVeth();
        assertThat(uplinks.refused("claim", "b")).as("the machine is there").contains("all 1 networks for machines");
        Path directory = place.resolve("machines/a").toRealPath();
        Files.move(directory, place.resolve("moved"));

        machine("b", "ipv6").serve("b", 80);
        assertThat(neighbour.tryAsking("tcp", HOST, 8080)).isEqualTo("nobody");
        assertThat(neighbour.tryAsking("tcp", HOST6, 8080)).isEqualTo("nobody");
        // The other's journal is about what is no longer its own.
        Files.move(place.resolve("moved"), directory);
        uplinks.ok("sweep", "a");
        uplinks.ok("publish", "b", "tcp,0.0.0.0,8080,80");
        assertThat(neighbour.ask("tcp", HOST, 8080)).isEqualTo("b to " + NEIGHBOUR);
    }

    /** The kernel buries a namespace some time after its last process. */
    private void awaitNoVeth() {
        Instant end = Instant.now().plus(Duration.ofSeconds(20));
        while (host.run("ip", "-brief", "link").contains("fcvm")) {
            assertThat(Instant.now()).as("the veth of a namespace that is gone").isBefore(end);
        }
    }

    @Test
    void shouldLeadWhoeverKeepsSendingToTheNextMachineOnThePort() throws Exception {
        assumeTrue(Child.of("sh", "-c", "command -v conntrack").run().exitCode() == 0, "conntrack is not installed");
        machine("a", "udp,0.0.0.0,8080,80").serve("a", 80);
        Child client = opened(neighbour
                .call("python3", "-c", """
                        import socket
                        asked = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                        asked.settimeout(0.1)
                        asked.connect(('%s', 8080))
                        last = ''
                        while last != 'b':
                            try:
                                asked.send(b'?')
                                name = asked.recv(100).decode().split(' ')[0]
                            except OSError:
                                continue
                            if name != last:
                                print('from ' + name, flush=True)
                            last = name
                        """.formatted(HOST))
                .deadline(Duration.ofSeconds(60))
                .start());
        client.awaitOut("from a\n");
        uplinks.ok("close", "a");

        machine("b", "udp,0.0.0.0,8080,80").serve("b", 80);

        client.awaitOut("from b\n");
    }
}
