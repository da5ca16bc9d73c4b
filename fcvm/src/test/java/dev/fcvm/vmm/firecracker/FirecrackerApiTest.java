package dev.fcvm.vmm.firecracker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.vmm.TestSpecs;
import dev.fcvm.vmm.UnixSockets;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class FirecrackerApiTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    @Test
    void shouldSendACallWholeAndWithItsLength() throws Exception {
        Path path = directory.resolve("api");
        try (FakeFirecracker fake = new FakeFirecracker(path, "HTTP/1.1 204 \r\n\r\n");
                FirecrackerApi api = api(path, PATIENCE)) {
            api.call(ApiCall.VmState.PAUSED);
            assertThat(fake.request())
                    .isEqualTo("PATCH /vm HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                            + "Content-Length: 18\r\n\r\n{\"state\":\"Paused\"}");
        }
    }

    @Test
    void shouldTellWhyACallWasRefusedAndGoOn() throws Exception {
        Path path = directory.resolve("api");
        String fault = "{\"fault_message\":\"no\\nway\"}";
        String refusal = "HTTP/1.1 400 \r\nContent-Length: %d\r\n\r\n%s".formatted(fault.length(), fault);
        try (FakeFirecracker _ = new FakeFirecracker(path, refusal + "HTTP/1.1 204 \r\n\r\n");
                FirecrackerApi api = api(path, PATIENCE)) {
            assertThatThrownBy(() -> api.call(ApiCall.Action.START))
                    .isInstanceOf(ApiRefusal.class)
                    .hasMessage("firecracker could not start the machine: no way");
            api.call(ApiCall.VmState.RESUMED);
        }
    }

    @Test
    void shouldTellARefusalThatIsNoJsonAsItIs() throws Exception {
        Path path = directory.resolve("api");
        try (FakeFirecracker _ = new FakeFirecracker(path, "HTTP/1.1 400 \r\nContent-Length: 6\r\n\r\nno\nway");
                FirecrackerApi api = api(path, PATIENCE)) {
            assertThatThrownBy(() -> api.call(ApiCall.Action.START))
                    .hasMessage("firecracker could not start the machine: status 400 no way");
        }
    }

    @Test
    void shouldGiveUpOnASilentFirecrackerAndOnOneThatHangsUp() throws Exception {
        Path silent = directory.resolve("silent");
        try (FakeFirecracker _ = new FakeFirecracker(silent, FakeFirecracker.SILENCE);
                FirecrackerApi api = api(silent, Duration.ofMillis(100))) {
            assertThatThrownBy(() -> api.call(ApiCall.Action.START))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("did not start the machine within");
            assertThatThrownBy(() -> api.call(ApiCall.Action.START)).isInstanceOf(ClosedChannelException.class);
        }
        Path hasty = directory.resolve("hasty");
        try (FakeFirecracker _ = new FakeFirecracker(hasty, FakeFirecracker.HANG_UP);
                FirecrackerApi api = api(hasty, PATIENCE)) {
            assertThatThrownBy(() -> api.call(ApiCall.Action.START)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void shouldBootByTheseCallsInThisOrder() {
        List<ApiCall> calls = FirecrackerVmm.calls(TestSpecs.twoDisks(), Path.of("/run/m/vsock.sock"));
        assertThat(calls.stream()
                        .map(call -> call.method() + " " + call.path() + " "
                                + Jsonb.instance().toJson(call)))
                .containsExactly(
                        "PUT /machine-config {\"vcpu_count\":2,\"mem_size_mib\":512}",
                        "PUT /boot-source {\"kernel_image_path\":\"/base/vmlinux\",\"initrd_path\":\"/base/initramfs.img\",\"boot_args\":\"console=ttyS0 reboot=k panic=-1 i8042.noaux i8042.nomux i8042.dumbkbd quiet fcvm.init=tiny\"}",
                        "PUT /drives/disk0 {\"drive_id\":\"disk0\",\"path_on_host\":\"/base/root,fs.ext4\",\"is_read_only\":true,\"is_root_device\":false}",
                        "PUT /drives/disk1 {\"drive_id\":\"disk1\",\"path_on_host\":\"/data/m/scratch.ext4\",\"is_read_only\":false,\"is_root_device\":false}",
                        "PUT /vsock {\"guest_cid\":3,\"uds_path\":\"/run/m/vsock.sock\"}",
                        "PUT /actions {\"action_type\":\"InstanceStart\"}");
    }

    private static FirecrackerApi api(Path path, Duration patience) throws IOException, InterruptedException {
        return new FirecrackerApi(UnixSockets.connect(path, () -> true, PATIENCE), patience);
    }
}
