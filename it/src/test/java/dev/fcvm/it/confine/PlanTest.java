package dev.fcvm.it.confine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.TestImages;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** How the plan reaches a guest under Firecracker, and that this gives the container no network. */
@MachineTest
class PlanTest {

    @Test
    void shouldReachTheGuestThroughTheMetadataServiceAndLeaveTheContainerWithoutANetwork(Fcvm fcvm, Archives archives)
            throws Exception {
        assumeTrue(fcvm.lane().isFirecracker(), "the metadata service is Firecracker's");
        String image = "oci-archive:" + archives.ociArchive(TestImages.plain());

        Outcome run = fcvm.run("run", "--name", "planned", image, "ls", "/sys/class/net");

        run.expect(0);
        assertThat(run.out()).isEqualTo("lo\n");
        String console = Files.readString(fcvm.machines().getFirst().resolve("console.log"));
        assertThat(console).contains("fc-agent: plan received in ");
        fcvm.run("rm", "planned").expect(0);
    }

    @Test
    void shouldHaveNothingToTellAGuestsRootWhoTakesTheWayToTheMetadataServiceBack(Fcvm fcvm, Archives archives) {
        assumeTrue(fcvm.lane().isFirecracker(), "the metadata service is Firecracker's");
        String image = "oci-archive:" + archives.ociArchive(TestImages.plain());

        Outcome run =
                fcvm.run("run", "--rm", "--privileged", "--podman-arg=--pid=host", image, "sh", "-c", ASK_METADATA);

        run.expect(0);
        assertThat(run.out())
                .contains("HTTP/1.1 404", "Resource not found: /fcvm/plan")
                .doesNotContain("\"machine\"");
    }

    /** In the guest's own network namespace: the container's has no card. */
    private static final String ASK_METADATA = """
            busybox nsenter -t 1 -n busybox sh -c '
                busybox ip link set eth0 up
                busybox ip address add 169.254.169.253/30 dev eth0
                busybox ip route del 169.254.169.254 2>/dev/null
                busybox ip route add 169.254.169.254 dev eth0
                ask() { printf "%s HTTP/1.1\\r\\nHost: x\\r\\n%s\\r\\n\\r\\n" "$1" "$2" | busybox timeout 5 busybox nc 169.254.169.254 80; }
                token=$(ask "PUT /latest/api/token" "X-metadata-token-ttl-seconds: 60" | busybox tail -n 1)
                ask "GET /fcvm/plan" "X-metadata-token: $token"
                :'
            """;

    @Test
    void shouldMakeTheTapInTheMachinesOwnNamespaceOnly(Fcvm fcvm, Archives archives) {
        assumeTrue(fcvm.lane().isFirecracker(), "the metadata service is Firecracker's");
        String image = "oci-archive:" + archives.ociArchive(TestImages.plain());
        try (Child run = fcvm.call("run", "--rm", image, "/bin/signals", "TERM").start()) {
            run.awaitOut("ready\n");
            String pid = Long.toString(Monitored.of(fcvm).pid());
            assertThat(Child.of("nsenter", "--target", pid, "--net", "ip", "-brief", "address", "show", "dev", "vmtap0")
                            .run()
                            .expect(0)
                            .out())
                    .contains("172.30.0.1/30");
            assertThat(Child.of("ip", "link", "show", "dev", "vmtap0").run().exitCode())
                    .as("the host has no such tap")
                    .isNotZero();
            run.signal("TERM");
            run.outcome().expect(40);
        }
    }
}
