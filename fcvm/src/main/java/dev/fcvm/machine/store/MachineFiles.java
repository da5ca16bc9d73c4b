package dev.fcvm.machine.store;

import dev.fcvm.host.MachineId;
import dev.fcvm.host.file.DirectoryTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.regex.Pattern;

/**
 * Where a machine's files lie.
 *
 * @param id the machine
 * @param directory its directory
 * @param sockets the directory of its sockets, those of what serves it beside the monitor
 */
public record MachineFiles(MachineId id, Path directory, Path sockets) {

    private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");

    static boolean isId(String text) {
        return ID.matcher(text).matches();
    }

    /** Returns the lock of whoever supervises the machine. */
    public Path lock() {
        return directory.resolve("lock");
    }

    /** Returns the directory of its monitor's sockets: the one place a monitor may write to, and no other's. */
    public Path monitor() {
        return sockets.resolve("vm");
    }

    /** Returns what the machine is. */
    public Path spec() {
        return directory.resolve("spec.json");
    }

    /** Returns where it stands. */
    public Path state() {
        return directory.resolve("state.json");
    }

    /** Returns what is written down of all it has on the host. */
    public Path journal() {
        return directory.resolve("journal");
    }

    /** Returns by what its monitor is found again while it runs. */
    public Path handle() {
        return directory.resolve("vm.json");
    }

    /** Returns what is there when another process is ending it in order to remove it. */
    public Path removal() {
        return directory.resolve("removal");
    }

    /** Returns what is known of its container's health. */
    public Path health() {
        return directory.resolve("health.json");
    }

    /** Returns its scratch disk. */
    public Path scratch() {
        return directory.resolve("scratch.ext4");
    }

    /** Returns the root file system it has, by a name of its own. */
    public Path rootfs() {
        return directory.resolve("rootfs.ext4");
    }

    /** Returns what is in those of its places for disks that are empty; there when it has such places. */
    public Path placeholder() {
        return directory.resolve("placeholder");
    }

    /** Returns what is there while it is nobody's yet, and waits in a pool. */
    public Path pooled() {
        return directory.resolve("pooled");
    }

    /** Returns where the image's disk is put of a machine that had none when it was restored. */
    public Path lateStore() {
        return exchange().resolve("store.ext4");
    }

    /** Returns where its memory is while it is suspended. */
    public Path suspension() {
        return directory.resolve("suspended");
    }

    /** Returns with what it was started last. */
    public Path start() {
        return directory.resolve("start.json");
    }

    /** Returns where its monitor leaves what it saves. */
    public Path exchange() {
        return directory.resolve("exchange");
    }

    /**
     * Writes a small file that is there whole or not at all. Not forced to the disk: when the host loses power, the
     * machine it speaks of is gone as well.
     */
    public static void write(Path file, String text) throws IOException {
        Path temporary = file.resolveSibling("." + file.getFileName() + ".tmp");
        Files.writeString(temporary, text);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Deletes both directories with all that is in them; links are not followed. */
    void delete() throws IOException {
        DirectoryTree.delete(sockets);
        DirectoryTree.delete(directory);
    }
}
