package dev.fcvm.it.vmm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.Tool;
import dev.fcvm.vmm.RunningVm;
import dev.fcvm.vmm.Vmm;
import dev.fcvm.vmm.qemu.QemuVmm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** QEMU in software, which runs everywhere. */
final class QemuVmmTest extends VmmContract {

    private static final int AMOUNT = 256 << 10;
    private static final int PIECE = 8 << 10;

    @Override
    Vmm vmm() {
        return vmm(Tool.named("qemu-system-x86_64", "qemu-system-x86").find().orElseThrow());
    }

    @Override
    Vmm vmm(Path program) {
        try {
            return QemuVmm.inSoftware(program);
        } catch (FcvmException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    Guest guest() throws IOException {
        return Guest.make(place, base().resolve("vmlinux"), List.of(base().resolve("initramfs.img")));
    }

    @Override
    boolean canSwitchOff() {
        return true;
    }

    @Test
    void shouldCarryEveryByteOverTheAgentsChannelAndOverTheNextOne() throws Exception {
        byte[] sent = new byte[AMOUNT];
        new Random(7).nextBytes(sent);
        try (RunningVm machine = vmm().boot(guest().doing("echo"))) {
            // Dialled before the guest has begun: the channel stands, and what is written waits.
            for (int session = 0; session < 2; session++) {
                try (ByteChannel channel = machine.dialAgent()) {
                    for (int start = 0; start < AMOUNT; start += PIECE) {
                        assertThat(echo(channel, ByteBuffer.wrap(sent, start, PIECE)))
                                .isEqualTo(ByteBuffer.wrap(sent, start, PIECE));
                    }
                }
            }
        }
    }

    @Test
    void shouldGiveTheGuestItsPlan() throws Exception {
        try (RunningVm machine = vmm().boot(guest().doing("devices"))) {
            assertThat(Consoles.await(machine, "guest: end", PATIENCE)).contains("guest: plan " + Guest.PLAN + "\n");
        }
    }

    private static ByteBuffer echo(ByteChannel channel, ByteBuffer piece) throws IOException {
        ByteBuffer back = ByteBuffer.allocate(piece.remaining());
        while (piece.hasRemaining()) {
            channel.write(piece);
        }
        while (back.hasRemaining()) {
            if (channel.read(back) < 0) {
                throw new AssertionError("the channel ended after %d bytes".formatted(back.position()));
            }
        }
        return back.flip();
    }
}
