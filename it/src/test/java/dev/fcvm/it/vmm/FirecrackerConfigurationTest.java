package dev.fcvm.it.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Place;
import dev.fcvm.vmm.firecracker.api.BootSource;
import dev.fcvm.vmm.firecracker.api.Drive;
import dev.fcvm.vmm.firecracker.api.FirecrackerVersion;
import dev.fcvm.vmm.firecracker.api.MachineConfig;
import dev.fcvm.vmm.firecracker.api.MemorySize;
import dev.fcvm.vmm.firecracker.api.Metrics;
import dev.fcvm.vmm.firecracker.api.Mmds;
import dev.fcvm.vmm.firecracker.api.MmdsConfig;
import dev.fcvm.vmm.firecracker.api.NetworkInterface;
import dev.fcvm.vmm.firecracker.api.Pmem;
import dev.fcvm.vmm.firecracker.api.RateLimiter;
import dev.fcvm.vmm.firecracker.api.TokenBucket;
import dev.fcvm.vmm.firecracker.api.VmConfig;
import dev.fcvm.vmm.firecracker.api.VmState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a genuine Firecracker takes and refuses before it starts a machine, in its own words; no guest runs. */
@MachineTest
@Timeout(60)
final class FirecrackerConfigurationTest {

    private static final String BEFORE = "The requested operation is not supported before starting the microVM.";

    @Test
    void shouldRefuseAKernelThatIsNotThere(Place place) throws Exception {
        try (ApiProcess firecracker = ApiProcess.start(place)) {
            assertThat(firecracker.refuses(new BootSource("/nonexistent", Optional.empty(), Optional.empty())))
                    .endsWith("The kernel file cannot be opened: No such file or directory (os error 2)");
        }
    }

    @Test
    void shouldRefuseASecondRootDisk(Place place) throws Exception {
        String disk = disk(place);
        try (ApiProcess firecracker = ApiProcess.start(place)) {
            firecracker.does(root("first", disk));
            assertThat(firecracker.refuses(root("second", disk))).contains("A root block device already exists");
        }
    }

    @Test
    void shouldRefuseAMachineWithoutProcessorsOrMemory(Place place) throws Exception {
        try (ApiProcess firecracker = ApiProcess.start(place)) {
            assertThat(firecracker.refuses("PUT", "/machine-config", "{\"mem_size_mib\":128}"))
                    .contains("missing field `vcpu_count`");
            assertThat(firecracker.refuses(MachineConfig.of(1, MemorySize.ofMebibytes(0))))
                    .endsWith("The memory size (MiB) is either 0, or not a multiple of the configured page size.");
        }
    }

    @Test
    void shouldRefuseAHardwareAddressAndATapThatAreInUse(Place place) throws Exception {
        assumeTrue(Files.isWritable(Path.of("/dev/net/tun")), "/dev/net/tun may not be used");
        List<String> ownNetwork = List.of("unshare", "--user", "--map-root-user", "--net", "--");
        try (ApiProcess firecracker = ApiProcess.start(place, ownNetwork)) {
            firecracker.does(card("eth0", "tap0", "06:00:00:00:00:01"));
            assertThat(firecracker.refuses(card("eth1", "tap1", "06:00:00:00:00:01")))
                    .contains("The MAC address is already in use: 06:00:00:00:00:01");
            assertThat(firecracker.refuses(card("eth1", "tap0", "06:00:00:00:00:02")))
                    .contains("Could not create the network device");
        }
    }

    @Test
    void shouldRefuseMetadataOnNoCard(Place place) throws Exception {
        try (ApiProcess firecracker = ApiProcess.start(place)) {
            assertThat(firecracker.refuses(
                            new MmdsConfig(List.of(), Optional.empty(), Optional.empty(), Optional.empty())))
                    .endsWith("The list of network interface IDs that allow forwarding MMDS requests is empty.");
        }
    }

    @Test
    void shouldRefuseChangesOfAMachineThatDoesNotRun(Place place) throws Exception {
        RateLimiter limiter = RateLimiter.ofBytes(TokenBucket.perSecond(1 << 20));
        try (ApiProcess firecracker = ApiProcess.start(place)) {
            assertThat(firecracker.refuses(Drive.Update.toImage("disk", disk(place))))
                    .isEqualTo(BEFORE);
            assertThat(firecracker.refuses(new NetworkInterface.Update("eth0", Optional.of(limiter), Optional.empty())))
                    .isEqualTo(BEFORE);
            assertThat(firecracker.refuses(VmState.PAUSED)).isEqualTo(BEFORE);
            Pmem.Update pmem = new Pmem.Update("pmem", Optional.of(limiter));
            if (firecracker.api().version().isAtLeast(new FirecrackerVersion(1, 16, 0))) {
                assertThat(firecracker.refuses(pmem)).isEqualTo(BEFORE);
            } else {
                assertThat(firecracker.refusal(pmem).orElseThrow())
                        .hasMessageContaining("firecracker " + firecracker.api().version() + " has no ");
                assertThat(firecracker.refuses("PATCH", "/pmem/pmem", "{\"id\":\"pmem\"}"))
                        .isEqualTo("Invalid request method and/or path: PATCH pmem.");
            }
        }
    }

    @Test
    void shouldRefuseMethodsThatAPathDoesNotHave(Place place) throws Exception {
        try (ApiProcess firecracker = ApiProcess.start(place)) {
            assertThat(firecracker.refuses("PATCH", "/boot-source", "{\"kernel_image_path\":\"/nonexistent\"}"))
                    .isEqualTo("Invalid request method and/or path: PATCH boot-source.");
            assertThat(firecracker.refuses("PATCH", "/logger", "{\"level\":\"Error\"}"))
                    .isEqualTo("Invalid request method and/or path: PATCH logger.");
        }
    }

    @Test
    void shouldMarkFieldsThatAreDeprecated(Place place) throws Exception {
        try (ApiProcess firecracker = ApiProcess.start(place)) {
            assertThat(answer(
                            firecracker,
                            "/machine-config",
                            "{\"vcpu_count\":1,\"mem_size_mib\":128,\"cpu_template\":\"None\"}"))
                    .startsWith("HTTP/1.1 204 ")
                    .contains("Deprecation: true");
            assertThat(answer(firecracker, "/vsock", "{\"guest_cid\":3,\"uds_path\":\"v.sock\",\"vsock_id\":\"v\"}"))
                    .startsWith("HTTP/1.1 204 ")
                    .contains("Deprecation: true");
            assertThat(answer(firecracker, "/machine-config", "{\"vcpu_count\":1,\"mem_size_mib\":128}"))
                    .startsWith("HTTP/1.1 204 ")
                    .doesNotContain("Deprecation");
        }
    }

    @Test
    void shouldRefuseASnapshotWithTwoMemories(Place place) throws Exception {
        try (ApiProcess firecracker = ApiProcess.start(place)) {
            assertThat(firecracker.refuses(
                            "PUT",
                            "/snapshot/load",
                            "{\"snapshot_path\":\"s\",\"mem_file_path\":\"m\","
                                    + "\"mem_backend\":{\"backend_type\":\"File\",\"backend_path\":\"m\"}}"))
                    .contains("too many fields: either `mem_backend` or `mem_file_path` exclusively is required.");
        }
    }

    @Test
    void shouldAnswerABodyThatIsTooLongInTheseBytes(Place place) throws Exception {
        try (ApiProcess firecracker = ApiProcess.start(place)) {
            String body = "x".repeat(51_201);
            // What follows are its complaints about the rest of the body, which it takes for requests.
            assertThat(answer(firecracker, "/mmds", body))
                    .startsWith("HTTP/1.1 400 \r\nServer: Firecracker API\r\nConnection: keep-alive\r\n"
                            + "Content-Type: application/json\r\nContent-Length: 149\r\n\r\n"
                            + "{ \"error\": \"Request payload with size 51201 is larger than the limit of 51200 allowed"
                            + " by server.\nAll previous unanswered requests will be dropped.\" }");
            assertThat(firecracker.refusal(new Mmds.Contents(body)).orElseThrow())
                    .hasMessage("firecracker cannot take the guest's metadata: that takes 51201 bytes,"
                            + " and it reads no more than 51200");
        }
    }

    @Test
    void shouldTakeMetricsOnce(Place place) throws Exception {
        String file = place.file("metrics", "").toString();
        try (ApiProcess firecracker = ApiProcess.start(place)) {
            firecracker.does(Metrics.to(file));
            assertThat(firecracker.refuses(Metrics.to(file))).endsWith("Reinitialization of metrics not allowed.");
        }
    }

    @Test
    void shouldKeepItsMetadataWhenAChangeIsRefused(Place place) throws Exception {
        try (ApiProcess firecracker = ApiProcess.start(place)) {
            assertThat(firecracker.refuses(new Mmds.Change("{\"a\":1}")))
                    .endsWith("The MMDS data store is not initialized.");
            String contents = "{\"a\":\"" + "x".repeat(51_000) + "\"}";
            firecracker.does(new Mmds.Contents(contents));
            String tooMuch = "{\"b\":\"" + "y".repeat(51_000) + "\"}";
            assertThat(answer(firecracker, "PATCH", "/mmds", tooMuch))
                    .startsWith("HTTP/1.1 413 ")
                    .contains("The MMDS patch request doesn't fit.");
            assertThat(firecracker.api().ask(new Mmds.Ask())).isEqualTo(contents);
            firecracker.does(new Mmds.Change("{\"a\":null,\"c\":{\"d\":[1,2]}}"));
            assertThat(firecracker.api().ask(new Mmds.Ask())).isEqualTo("{\"c\":{\"d\":[1,2]}}");
        }
    }

    @Test
    void shouldGiveBackWhatWasSet(Place place) throws Exception {
        Drive drive = Drive.of("disk0", disk(place), true).limited(RateLimiter.ofBytes(TokenBucket.perSecond(1 << 20)));
        try (ApiProcess firecracker = ApiProcess.start(place)) {
            firecracker
                    .does(MachineConfig.of(2, MemorySize.ofMebibytes(300)).trackingDirtyPages())
                    .does(drive)
                    .does(new MachineConfig.Update(
                            OptionalInt.empty(),
                            Optional.of(MemorySize.ofMebibytes(320)),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty()));
            VmConfig config = firecracker.api().ask(new VmConfig.Ask());
            assertThat(config.machineConfig().vcpuCount()).isEqualTo(2);
            assertThat(config.machineConfig().memSize()).isEqualTo(MemorySize.ofMebibytes(320));
            assertThat(config.machineConfig().trackDirtyPages()).contains(true);
            assertThat(config.machineConfig()).isEqualTo(firecracker.api().ask(new MachineConfig.Ask()));
            assertThat(config.drives()).singleElement().satisfies(given -> {
                assertThat(given.pathOnHost()).isEqualTo(drive.pathOnHost());
                assertThat(given.isReadOnly()).contains(true);
                assertThat(given.rateLimiter())
                        .hasValueSatisfying(limiter -> assertThat(limiter.bandwidth())
                                .isEqualTo(drive.rateLimiter().flatMap(RateLimiter::bandwidth)));
                assertThat(given.ioEngine()).contains(Drive.IoEngine.SYNC);
                assertThat(given.cacheType()).contains(Drive.CacheType.UNSAFE);
            });
        }
    }

    @Test
    void shouldSayWhenItsSocketIsInUse(Place place) throws Exception {
        try (ApiProcess firecracker = ApiProcess.start(place)) {
            String socket = firecracker.directory().resolve("api.sock").toString();
            var second = Child.of(Genuine.firecracker().toString(), "--api-sock", socket)
                    .run();
            assertThat(second.exitCode()).isEqualTo(1);
            assertThat(second.out())
                    .contains("Failed to open the API socket at: " + socket + ". Check that it is not already used.");
        }
    }

    private static NetworkInterface card(String id, String tap, String mac) {
        return new NetworkInterface(id, tap, Optional.of(mac), OptionalInt.empty(), Optional.empty(), Optional.empty());
    }

    private static Drive root(String id, String disk) {
        return new Drive(
                id,
                true,
                Optional.of(disk),
                Optional.of(false),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static String disk(Place place) throws Exception {
        return Files.write(place.root().resolve("disk.img"), new byte[1 << 20]).toString();
    }

    private static String answer(ApiProcess firecracker, String path, String body) throws Exception {
        return answer(firecracker, "PUT", path, body);
    }

    private static String answer(ApiProcess firecracker, String method, String path, String body) throws Exception {
        return firecracker.answer(
                "%s %s HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s".formatted(method, path, body.length(), body));
    }
}
