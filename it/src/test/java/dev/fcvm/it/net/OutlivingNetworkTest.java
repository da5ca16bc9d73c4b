package dev.fcvm.it.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.host.MachineId;
import dev.fcvm.host.process.MachineProcesses;
import dev.fcvm.it.harness.Child;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The network of a rootless machine whose supervisor is killed: real slirp4netns, dnsmasq, vde and nft. The host is a
 * network namespace of the test's, and the guest another, behind a veth where a machine has its tap.
 */
@Tag("machine")
@Timeout(300)
class OutlivingNetworkTest {

    private static final String LOOPBACK = "127.0.0.1";

    @TempDir
    Path place;

    private final List<AutoCloseable> open = new ArrayList<>();
    private Namespace host;
    private Namespace machine;
    private Uplinks driver;

    @BeforeEach
    void makeAMachine() throws Exception {
        assumeTrue(Child.of("id", "-u").run().out().strip().equals("0"), "only root may make such a guest");
        host = opened(new Namespace());
        host.script("ip link set lo up");
        machine = opened(Namespace.ofRootlessMachine());
        Namespace guest = opened(new Namespace());
        machine.script("""
                ip link add vmtap0 type veth peer name eth0 netns %d
                ip address add 172.30.0.1/30 dev vmtap0
                ip link set vmtap0 up
                echo 1 >/proc/sys/net/ipv4/ip_forward
                """.formatted(guest.pid()));
        guest.script("""
                ip link set lo up
                ip address add 172.30.0.2/30 dev eth0
                ip link set eth0 up
                ip route add default via 172.30.0.1
                """);
        guest.serve("guest", 80);
        driver = opened(Uplinks.ofRootless(host, place));
        String[] inside = driver.ok("prepare", "8080:80", "127.0.0.1:8081:80").split("[|]RULES[|]", -1);
        inMachine("ip -batch -", inside[0]);
        inMachine("nft -f -", inside[1]);
        driver.ok("attach", Long.toString(machine.first()));
    }

    private void inMachine(String command, String input) throws Exception {
        Path file = Files.writeString(place.resolve("input"), input.replace('|', '\n'));
        Child.of("sh", "-c", command + " <" + file)
                .inside(
                        "nsenter",
                        "--target",
                        Long.toString(machine.first()),
                        "--net",
                        "--user",
                        "--preserve-credentials",
                        "--")
                .run()
                .expect(0);
    }

    private <T extends AutoCloseable> T opened(T each) {
        open.add(each);
        return each;
    }

    /** The driver first: it starts anew what ends under it. The network that joins machines has processes of its own. */
    @AfterEach
    void endWhatIsLeft() throws Exception {
        if (driver != null) {
            driver.kill();
        }
        if (Files.exists(place.resolve("id"))) {
            processes().killAll();
            try (Uplinks sweeper = Uplinks.ofRootless(host, place)) {
                sweeper.ok("sweep");
            }
        }
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    private MachineProcesses processes() throws Exception {
        return new MachineProcesses(new MachineId(Files.readString(place.resolve("id"))));
    }

    private void replaceTheSupervisor() throws Exception {
        driver.kill();
        assertThat(host.ask("tcp", LOOPBACK, 8080)).as("nobody supervises it").startsWith("guest to");
        driver = opened(Uplinks.ofRootless(host, place));
        driver.ok("adopt", Long.toString(machine.first()));
    }

    private List<Long> helpers() throws Exception {
        return processes().living().stream().map(ProcessHandle::pid).sorted().toList();
    }

    @Test
    void shouldGoOnWithoutASupervisorAndServeTheNext() throws Exception {
        List<Long> before = helpers();
        assertThat(programs()).contains("slirp4netns", "dnsmasq", "vde_plug2tap");
        String ports = driver.ok("list");
        driver.ok("publish", "8082:80");
        driver.ok("unpublish", "127.0.0.1:8081:80");

        replaceTheSupervisor();

        assertThat(helpers()).as("the same processes serve it").isEqualTo(before);
        assertThat(driver.ok("list")).isEqualTo(ports.replace("8081", "8082"));
        driver.ok("publish", "8083:80/udp");
        driver.ok("unpublish", "127.0.0.1:8082:80");
        assertThat(host.ask("tcp", LOOPBACK, 8080)).startsWith("guest to");
        assertThat(host.ask("udp", LOOPBACK, 8083)).startsWith("guest to");
        assertThat(host.tryAsking("tcp", LOOPBACK, 8081)).isEqualTo("nobody");
        assertThat(host.tryAsking("tcp", LOOPBACK, 8082)).isEqualTo("nobody");

        driver.ok("part");
        assertThat(driver.refused("publish", "8084:80")).contains("is about to end");
        driver.ok("close");
        assertThat(helpers()).isEmpty();
        assertThat(host.tryAsking("tcp", LOOPBACK, 8080)).isEqualTo("nobody");
        assertThat(driver.ok("files")).isEqualTo("false false");
    }

    /** Ports as they are, not as the machine was started with them. */
    @Test
    void shouldOpenWhatIsPublishedAndNothingElseWhenSlirp4netnsIsStartedAnew() throws Exception {
        driver.ok("publish", "8082:80");
        driver.ok("unpublish", "127.0.0.1:8081:80");
        kill("slirp4netns");
        assertThat(driver.ok("warning")).contains("slirp4netns ended with exit code", "started anew");
        awaitAnswer(8082);
        assertThat(host.ask("tcp", LOOPBACK, 8080)).startsWith("guest to");
        assertThat(host.tryAsking("tcp", LOOPBACK, 8081)).isEqualTo("nobody");
    }

    @Test
    void shouldStartAnewWhateverEndedWhileNobodySupervisedAndWhatEndsLater() throws Exception {
        driver.kill();
        for (String program : List.of("slirp4netns", "dnsmasq", "vde_plug2tap")) {
            kill(program);
        }
        driver = opened(Uplinks.ofRootless(host, place));
        driver.ok("adopt", Long.toString(machine.first()));
        for (int count = 0; count < 3; count++) {
            assertThat(driver.ok("warning")).contains("ended while nobody supervised the machine");
        }
        assertThat(host.ask("tcp", LOOPBACK, 8080)).startsWith("guest to");
        assertThat(programs()).contains("slirp4netns", "dnsmasq", "vde_plug2tap");

        replaceTheSupervisor();
        kill("dnsmasq");
        assertThat(driver.ok("warning")).contains("dnsmasq ended; it is started anew");
        driver.ok("close");
        assertThat(helpers()).isEmpty();
    }

    private List<String> programs() throws Exception {
        return processes().living().stream()
                .flatMap(process -> process.info().command().stream())
                .map(file -> Path.of(file).getFileName().toString())
                .toList();
    }

    private void kill(String program) throws Exception {
        List<ProcessHandle> found = processes().living().stream()
                .filter(process -> process.info()
                        .command()
                        .filter(file -> Path.of(file).endsWith(program))
                        .isPresent())
                .toList();
        assertThat(found).as(program).isNotEmpty();
        for (ProcessHandle process : found) {
            process.destroyForcibly();
            process.onExit().get();
        }
    }

    /** The port is open again a moment after it is told that it is being opened. */
    private void awaitAnswer(int port) {
        while (host.tryAsking("tcp", LOOPBACK, port).equals("nobody")) {
            assertThat(Thread.currentThread().isInterrupted()).as("in time").isFalse();
        }
    }
}
