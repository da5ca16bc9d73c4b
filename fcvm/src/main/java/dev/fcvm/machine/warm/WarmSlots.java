package dev.fcvm.machine.warm;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.machine.store.MachineFiles;
import dev.fcvm.plan.MountSource;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.volume.AttachedMapping;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Places for disks that a warm base keeps for the machines that start from it, behind a machine's own three: a disk's place
 * is read-only or it is not, which nobody can change later, so there are some of both. In each empty place there is a
 * placeholder.
 */
public final class WarmSlots {

    /** Firecracker 1.12 has 19 interrupts for a machine's devices, of which card, link and its own disks take five. */
    private static final int READ_ONLY = 4;

    private static final int WRITABLE = 6;

    /** How many there are, in words that are a part of what a warm base depends on. */
    static final String LAYOUT = READ_ONLY + " read-only, " + WRITABLE + " writable";

    /** No file system is so small; the agent knows it by its size. */
    private static final int PLACEHOLDER_BYTES = 4096;

    private WarmSlots() {}

    /** Makes the placeholder. */
    public static Path placeholder(MachineFiles files) throws FcvmException {
        return empty(files.placeholder());
    }

    /** Makes a placeholder there. */
    public static Path empty(Path file) throws FcvmException {
        try (var made = new RandomAccessFile(file.toFile(), "rw")) {
            made.setLength(PLACEHOLDER_BYTES);
            return file;
        } catch (IOException failure) {
            throw new FcvmException(Kind.HOST, "cannot make " + file + ": " + IoReason.of(failure), failure);
        }
    }

    /** Returns which of the machine's disks each of these becomes; nothing when there are more than places. */
    public static Optional<List<Integer>> places(List<AttachedMapping.Disk> disks) {
        List<Integer> places = new ArrayList<>();
        int readOnly = 0;
        int writable = READ_ONLY;
        for (AttachedMapping.Disk disk : disks) {
            places.add(MountSource.Disk.FIRST + (disk.readOnly() ? readOnly++ : writable++));
        }
        return readOnly <= READ_ONLY && writable <= READ_ONLY + WRITABLE ? Optional.of(places) : Optional.empty();
    }

    /** Returns the disks behind the machine's own three, in their places, which there must be. */
    public static List<VmSpec.Drive> filled(List<AttachedMapping.Disk> disks, Path placeholder) {
        List<VmSpec.Drive> drives =
                new ArrayList<>(Collections.nCopies(READ_ONLY, new VmSpec.Drive(placeholder, true)));
        drives.addAll(Collections.nCopies(WRITABLE, new VmSpec.Drive(placeholder, false)));
        List<Integer> places = places(disks).orElseThrow();
        for (int i = 0; i < places.size(); i++) {
            AttachedMapping.Disk disk = disks.get(i);
            drives.set(places.get(i) - MountSource.Disk.FIRST, new VmSpec.Drive(disk.file(), disk.readOnly()));
        }
        return drives;
    }
}
