package dev.fcvm.guest.mount;

import dev.fcvm.guest.system.GuestFiles;
import dev.fcvm.guest.system.Kernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Disks that are put into a machine after its boot. The warm base, from which machines start, has a tiny placeholder in
 * the place of each disk that is another one in each machine; the monitor puts the machine's own there before the machine
 * goes on. Firecracker tells the kernel, which takes a moment to learn of it. QEMU does not, and then the kernel learns of it
 * when it looks at the disk as at a new one. A disk that was there at the boot is there at once.
 *
 * <p>Source: Documentation/driver-api/driver-model/binding.rst of the kernel, for {@code bind} and {@code unbind}.
 *
 * @param files where the kernel lists disks and mounts
 */
public record LateDisks(GuestFiles files) {

    /** What a placeholder has, in sectors of 512 bytes; no disk with a file system is so small. */
    private static final String PLACEHOLDER = "8";

    /** One of the kernel's arguments: the monitor says nothing of disks that it has put in. */
    private static final String UNANNOUNCED = "fcvm.disks=unannounced";

    private static final String STORE = "vdc";
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);
    private static final long POLL_MILLIS = 1;

    /**
     * Waits until a disk is there whose place may have been kept.
     *
     * @param name such as {@code vdc}
     * @throws IOException when its place is still empty after a while
     */
    void await(String name) throws IOException, InterruptedException {
        Path size = files.blocks().resolve(name).resolve("size");
        long start = System.nanoTime();
        try {
            if (isPlaceholder(size) && areUnannounced()) {
                lookAgain(name);
            }
            while (isPlaceholder(size)) {
                if (System.nanoTime() - start > PATIENCE) {
                    throw new IOException("the disk " + name + " was not put in within "
                            + TimeUnit.NANOSECONDS.toSeconds(PATIENCE) + " s");
                }
                Thread.sleep(POLL_MILLIS);
            }
        } catch (NoSuchFileException missing) {
            return; // whoever mounts it is told that there is none
        }
    }

    private static boolean isPlaceholder(Path size) throws IOException {
        return Files.readString(size).strip().equals(PLACEHOLDER);
    }

    private boolean areUnannounced() throws IOException {
        return List.of(Files.readString(files.commandLine()).strip().split(" ")).contains(UNANNOUNCED);
    }

    /** Takes the disk from its driver and gives it back: it is the first one without a name then, and has its name again. */
    private void lookAgain(String name) throws IOException {
        Path device = files.blocks().resolve(name).resolve("device").toRealPath();
        Path driver = device.resolve("driver").toRealPath();
        String address = String.valueOf(device.getFileName());
        Files.writeString(driver.resolve("unbind"), address);
        Files.writeString(driver.resolve("bind"), address);
    }

    /** Mounts the image's store, as the guest's setup does in a machine that boots with it. */
    public void mountStore() throws IOException, InterruptedException {
        await(STORE);
        new Kernel()
                .mountReadOnly(
                        files.devices().resolve(STORE).toString(), files.store().toString(), "ext4");
    }
}
