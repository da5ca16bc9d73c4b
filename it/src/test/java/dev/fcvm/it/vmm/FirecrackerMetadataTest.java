package dev.fcvm.it.vmm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Place;
import dev.fcvm.link.Link;
import dev.fcvm.link.LinkOptions;
import dev.fcvm.link.Links;
import dev.fcvm.link.message.Message;
import dev.fcvm.vmm.firecracker.api.Action;
import dev.fcvm.vmm.firecracker.api.BootSource;
import dev.fcvm.vmm.firecracker.api.Drive;
import dev.fcvm.vmm.firecracker.api.MachineConfig;
import dev.fcvm.vmm.firecracker.api.MemorySize;
import dev.fcvm.vmm.firecracker.api.Mmds;
import dev.fcvm.vmm.firecracker.api.MmdsConfig;
import dev.fcvm.vmm.firecracker.api.NetworkInterface;
import dev.fcvm.vmm.firecracker.api.Vsock;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The base's own agent in real guests, asking a genuine metadata service that does not have what it should. */
@MachineTest
@Timeout(60)
final class FirecrackerMetadataTest {

    private static final String PLAN = """
            {"version":1,"machine":"0123456789abcdef0123456789abcdef","name":"metadata","hostname":"metadata",
             "keep":false,"container":{"image":"none","options":[],"command":["true"],"interactive":false}}""";

    /** Firecracker makes the tap itself, and the link to it is never up: nobody but the service is behind it. */
    private static final List<String> OWN_NETWORK = List.of("unshare", "--user", "--map-root-user", "--net", "--");

    private static final String REAL_SERVICE = "169.254.169.250";

    /** The agent's place is taken by a script that puts {@code metadata-delay.pl} before the service. */
    private static final String DELAYED = """
            #!/usr/lib/fcvm/busybox sh
            bb=/usr/lib/fcvm/busybox
            if $bb mkdir /run/delayed; then
                $bb ip address add 169.254.169.254/32 dev lo
                $bb ip address add 172.30.0.2/30 dev eth0
                $bb ip link set eth0 up
                $bb ip route add %1$s dev eth0
                perl /usr/lib/fcvm/metadata-delay.pl %1$s %2$d </dev/null >/dev/console 2>&1 &
                until $bb netstat -ltn | $bb grep -q 169.254.169.254:80; do :; done
            fi
            exec /usr/lib/fcvm/agent/fc-agent
            """;

    @Test
    void shouldSayThatTheServiceHasNoPlan(Place place) throws Exception {
        try (ApiProcess machine = machine(place, "", MmdsConfig.on("eth0"), List.of())) {
            machine.does(new Mmds.Contents("{\"fcvm\":{\"other\":{}}}")).does(Action.START);
            assertThat(complaint(machine))
                    .isEqualTo("cannot get the plan from the metadata service: it has no /fcvm/plan: "
                            + "Resource not found: /fcvm/plan.");
        }
    }

    @Test
    void shouldSayThatTheServiceHasNothingAtAll(Place place) throws Exception {
        try (ApiProcess machine = machine(place, "", MmdsConfig.on("eth0"), List.of())) {
            machine.does(Action.START);
            assertThat(complaint(machine))
                    .startsWith("cannot get the plan from the metadata service: it has no /fcvm/plan: ");
        }
    }

    @Test
    void shouldRefuseADocumentLargerThanAnyPlan(Place place) throws Exception {
        String large = "{\"fcvm\":{\"plan\":{\"name\":\"" + "x".repeat(3_200_000) + "\"}}}";
        List<String> options = List.of(
                "--metadata",
                place.file("metadata.json", large).toString(),
                "--mmds-size-limit",
                "4000000",
                "--http-api-max-payload-size",
                "4000000");
        try (ApiProcess machine = machine(place, "", MmdsConfig.on("eth0"), options)) {
            machine.does(Action.START);
            assertThat(complaint(machine))
                    .isEqualTo("cannot get the plan from the metadata service: its answer is too large: "
                            + "3200011 bytes, 3145728 allowed");
        }
    }

    @Test
    void shouldAskForANewTokenWhenTheFirstHasExpired(Place place) throws Exception {
        try (ApiProcess machine = machine(place, DELAYED.formatted(REAL_SERVICE, 1), atRealService(), List.of())) {
            machine.does(new Mmds.Contents("{\"fcvm\":{\"plan\":" + PLAN + "}}"))
                    .does(Action.START);
            assertThat(complaint(machine)).isEqualTo("none: it started");
            machine.process().awaitOut("fc-agent: plan received in ");
            assertThat(machine.process().outSoFar().lines().filter(line -> line.contains(" answered ")))
                    .containsExactly(
                            "guest: PUT answered 200",
                            "guest: GET answered 401",
                            "guest: PUT answered 200",
                            "guest: GET answered 200");
        }
    }

    @Test
    void shouldSayThatNoTokenIsTakenWhenAllHaveExpired(Place place) throws Exception {
        try (ApiProcess machine = machine(place, DELAYED.formatted(REAL_SERVICE, 99), atRealService(), List.of())) {
            machine.does(new Mmds.Contents("{\"fcvm\":{\"plan\":" + PLAN + "}}"))
                    .does(Action.START);
            assertThat(complaint(machine))
                    .isEqualTo("cannot get the plan from the metadata service: it takes no token: "
                            + "MMDS token not valid.");
        }
    }

    /** Talks to the agent as a host does, and returns why it starts no container. */
    private static String complaint(ApiProcess machine) throws Exception {
        try (Link link = Links.host(() -> machine.dial(1024), LinkOptions.defaults())) {
            link.send(new Message.Start("c", "", List.of(), false, Optional.empty(), 1));
            while (true) {
                switch (link.receive()) {
                    case Message.Failed failed -> {
                        return failed.reason();
                    }
                    // There is no image, so that Podman has nothing to run.
                    case Message.Exited exited -> {
                        return "none: it started";
                    }
                    default -> {} // that it is ready
                }
            }
        }
    }

    private static MmdsConfig atRealService() {
        return new MmdsConfig(
                List.of("eth0"), Optional.of(MmdsConfig.Version.V2), Optional.of(REAL_SERVICE), Optional.empty());
    }

    /** Configures a machine of the base, with this in the agent's place unless it is empty; it is not started yet. */
    private static ApiProcess machine(Place place, String agent, MmdsConfig metadata, List<String> options)
            throws IOException, InterruptedException {
        Path base = Fcvm.base();
        String kernel = Genuine.kernel().toString();
        String scratch = scratch(place, agent).toString();
        ApiProcess machine = ApiProcess.start(place, OWN_NETWORK, options);
        boolean configured = false;
        try {
            machine.does(MachineConfig.of(1, MemorySize.ofMebibytes(512)))
                    .does(new BootSource(
                            kernel,
                            Optional.of(base.resolve("initramfs.img").toString()),
                            Optional.of("console=ttyS0 reboot=k panic=-1 quiet fcvm.plan=mmds fcvm.init=tiny")))
                    .does(Drive.of("disk0", base.resolve("rootfs.ext4").toString(), true))
                    .does(Drive.of("disk1", scratch, false))
                    .does(new NetworkInterface(
                            "eth0",
                            "tap0",
                            Optional.of("06:00:ac:1e:00:02"),
                            OptionalInt.empty(),
                            Optional.empty(),
                            Optional.empty()))
                    .does(metadata)
                    .does(new Vsock(3, "vsock.sock"));
            configured = true;
            return machine;
        } finally {
            if (!configured) {
                machine.close();
            }
        }
    }

    private static Path scratch(Place place, String agent) throws IOException {
        Path scratch = place.root().resolve("scratch.ext4");
        Child.of("/usr/sbin/mke2fs", "-q", "-t", "ext4", "-b", "4096", "-O", "^has_journal", scratch.toString(), "1g")
                .run()
                .expect(0);
        if (!agent.isEmpty()) {
            Path program = place.file("agent", agent);
            Path delay = place.root().resolve("metadata-delay.pl");
            try (InputStream script =
                    Objects.requireNonNull(FirecrackerMetadataTest.class.getResourceAsStream("metadata-delay.pl"))) {
                Files.copy(script, delay);
            }
            // What lies in the upper layer of the guest's root covers what the base has there.
            Path requests = place.file("requests", """
                    mkdir /root
                    mkdir /root/upper
                    mkdir /root/upper/usr
                    mkdir /root/upper/usr/lib
                    mkdir /root/upper/usr/lib/fcvm
                    mkdir /root/work
                    mkdir /containers
                    write %s /root/upper/usr/lib/fcvm/fc-agent
                    set_inode_field /root/upper/usr/lib/fcvm/fc-agent mode 0100755
                    write %s /root/upper/usr/lib/fcvm/metadata-delay.pl
                    """.formatted(program, delay));
            Child.of("debugfs", "-w", "-f", requests.toString(), scratch.toString())
                    .run()
                    .expect(0);
        }
        return scratch;
    }
}
