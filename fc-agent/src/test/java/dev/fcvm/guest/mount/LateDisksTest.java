package dev.fcvm.guest.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.fcvm.guest.TestGuest;
import dev.fcvm.guest.system.GuestFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks that are put in after the boot. */
final class LateDisksTest {

    @TempDir
    Path directory;

    @Test
    void shouldWaitForTheDiskInThePlaceOfAPlaceholder() throws Exception {
        GuestFiles files = new TestGuest(directory).files;
        Path size = Files.createDirectories(files.blocks().resolve("vdc")).resolve("size");
        Files.writeString(size, "8\n");
        var there = new CompletableFuture<Boolean>();
        Thread.ofVirtual().start(() -> {
            try {
                new LateDisks(files).await("vdc");
                there.complete(true);
            } catch (Exception e) {
                there.completeExceptionally(e);
            }
        });
        assertThat(there).isNotDone();
        Files.writeString(size, "139264\n");
        assertThat(there.get(10, TimeUnit.SECONDS)).isTrue();
    }

    /** The kernel as stand-in: it says what it reads in these files. */
    @Test
    void shouldHaveTheKernelLookAgainAtADiskOfWhichTheMonitorSaysNothing() throws Exception {
        GuestFiles files = new TestGuest(directory).files;
        Path driver = Files.createDirectories(directory.resolve("drivers/virtio_blk"));
        Path device = Files.createDirectories(directory.resolve("devices/virtio7"));
        Files.createSymbolicLink(device.resolve("driver"), driver);
        Path disk = Files.createDirectories(files.blocks().resolve("vdc"));
        Files.createSymbolicLink(disk.resolve("device"), device);
        Files.writeString(disk.resolve("size"), "8\n");
        Files.writeString(files.commandLine(), "quiet fcvm.disks=unannounced\n");
        var there = new CompletableFuture<Boolean>();
        Thread.ofVirtual().start(() -> {
            try {
                new LateDisks(files).await("vdc");
                there.complete(true);
            } catch (Exception e) {
                there.completeExceptionally(e);
            }
        });
        Path bind = driver.resolve("bind");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!Files.exists(bind) && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        Files.writeString(disk.resolve("size"), "139264\n");
        assertThat(there.get(10, TimeUnit.SECONDS)).isTrue();
        assertThat(driver.resolve("unbind")).content().isEqualTo("virtio7");
        assertThat(bind).content().isEqualTo("virtio7");
    }

    @Test
    void shouldLeaveItToWhoeverMountsToSayThatThereIsNoDisk() {
        assertThatCode(() -> new LateDisks(new TestGuest(directory).files).await("vdz"))
                .doesNotThrowAnyException();
    }
}
