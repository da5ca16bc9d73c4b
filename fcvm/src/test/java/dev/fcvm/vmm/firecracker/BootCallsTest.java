package dev.fcvm.vmm.firecracker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.vmm.RateLimits;
import dev.fcvm.vmm.TestSpecs;
import dev.fcvm.vmm.firecracker.api.ApiCall;
import dev.fcvm.vmm.firecracker.api.FirecrackerVersion;
import dev.fcvm.vmm.firecracker.api.SnapshotLoad;
import dev.fcvm.vmm.firecracker.api.SnapshotLoad.MemoryBackend;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class BootCallsTest {

    private static final FirecrackerVersion VERSION = new FirecrackerVersion(1, 12, 1);

    @Test
    void shouldBootByTheseCallsInThisOrder() {
        assertThat(written(BootCalls.of(TestSpecs.twoDisks(), "vsock.sock", false, false), VERSION))
                .containsExactly(
                        "PUT /machine-config {\"vcpu_count\":2,\"mem_size_mib\":512}",
                        "PUT /boot-source {\"kernel_image_path\":\"/base/vmlinux\",\"initrd_path\":\"/base/initramfs.img\",\"boot_args\":\"console=ttyS0 reboot=k panic=-1 i8042.noaux i8042.nomux i8042.dumbkbd quiet fcvm.init=tiny\"}",
                        "PUT /drives/disk0 {\"drive_id\":\"disk0\",\"is_root_device\":false,\"path_on_host\":\"/base/root,fs.ext4\",\"is_read_only\":true}",
                        "PUT /drives/disk1 {\"drive_id\":\"disk1\",\"is_root_device\":false,\"path_on_host\":\"/data/m/scratch.ext4\",\"is_read_only\":false}",
                        "PUT /vsock {\"guest_cid\":3,\"uds_path\":\"vsock.sock\"}",
                        "PUT /actions {\"action_type\":\"InstanceStart\"}");
    }

    @Test
    void shouldPutThePlanIntoTheMetadataServiceBehindACardWhenThereIsATap() {
        assertThat(written(BootCalls.of(TestSpecs.twoDisks(), "/sockets/vsock.sock", true, true), VERSION))
                .containsSubsequence(
                        "PUT /network-interfaces/eth0 {\"iface_id\":\"eth0\",\"host_dev_name\":\"vmtap0\",\"guest_mac\":\"06:00:ac:1e:00:02\"}",
                        "PUT /mmds/config {\"network_interfaces\":[\"eth0\"],\"version\":\"V2\"}",
                        "PUT /mmds {\"fcvm\":{\"plan\":" + TestSpecs.twoDisks().plan() + "}}",
                        "PUT /actions {\"action_type\":\"InstanceStart\"}")
                .anyMatch(call -> call.startsWith("PUT /boot-source") && call.contains(" fcvm.plan=mmds "));
    }

    @Test
    void shouldLimitEveryDiskAndBothWaysOfTheCard() {
        String disk = "\"rate_limiter\":{\"bandwidth\":{\"size\":10485760,\"refill_time\":1000}}";
        String card =
                "{\"bandwidth\":{\"size\":12500000,\"refill_time\":1000},\"ops\":{\"size\":5000,\"refill_time\":1000}}";
        var limits = new RateLimits(
                OptionalLong.of(12_500_000), OptionalLong.of(5000), OptionalLong.of(10 << 20), OptionalLong.empty());
        assertThat(written(BootCalls.of(TestSpecs.twoDisks().limited(limits), "vsock.sock", true, true), VERSION))
                .contains(
                        "PUT /drives/disk0 {\"drive_id\":\"disk0\",\"is_root_device\":false,\"path_on_host\":\"/base/root,fs.ext4\",\"is_read_only\":true,"
                                + disk + "}",
                        "PUT /drives/disk1 {\"drive_id\":\"disk1\",\"is_root_device\":false,\"path_on_host\":\"/data/m/scratch.ext4\",\"is_read_only\":false,"
                                + disk + "}",
                        "PUT /network-interfaces/eth0 {\"iface_id\":\"eth0\",\"host_dev_name\":\"vmtap0\",\"guest_mac\":\"06:00:ac:1e:00:02\",\"rx_rate_limiter\":"
                                + card + ",\"tx_rate_limiter\":" + card + "}");
    }

    @Test
    void shouldRestoreByTheseCallsAndCallTheTrackingOfPagesWhatTheVersionCallsIt() {
        List<ApiCall> calls = BootCalls.restoring(
                TestSpecs.twoDisks(),
                SnapshotLoad.of("/s/state", MemoryBackend.ofFile("/s/memory")).trackingDirtyPages());
        String backend = "\"mem_backend\":{\"backend_type\":\"File\",\"backend_path\":\"/s/memory\"}";
        assertThat(written(calls, VERSION))
                .containsExactly(
                        "PUT /snapshot/load {\"snapshot_path\":\"/s/state\"," + backend
                                + ",\"enable_diff_snapshots\":true}",
                        "PATCH /drives/disk0 {\"drive_id\":\"disk0\",\"path_on_host\":\"/base/root,fs.ext4\"}",
                        "PATCH /drives/disk1 {\"drive_id\":\"disk1\",\"path_on_host\":\"/data/m/scratch.ext4\"}");
        assertThat(written(calls, new FirecrackerVersion(1, 13, 0)).getFirst())
                .isEqualTo("PUT /snapshot/load {\"snapshot_path\":\"/s/state\"," + backend
                        + ",\"track_dirty_pages\":true}");
    }

    private static List<String> written(List<ApiCall> calls, FirecrackerVersion version) {
        return calls.stream()
                .map(call -> call.method() + " " + call.path() + " " + call.body(version))
                .toList();
    }
}
