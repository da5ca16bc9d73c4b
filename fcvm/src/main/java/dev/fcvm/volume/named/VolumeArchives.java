package dev.fcvm.volume.named;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.file.AtomicFiles;
import dev.fcvm.host.file.LockFile;
import dev.fcvm.settings.DataSize;
import dev.fcvm.volume.VolumeName;
import dev.fcvm.volume.archive.VolumeArchive;
import dev.fcvm.volume.ext4.ImageWriter;
import dev.fcvm.volume.ext4.TooLargeException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Volumes as archives. No machine gets a volume while it is written or read here. */
public final class VolumeArchives {

    private final VolumeStore store;

    /** Makes one for a store. */
    public VolumeArchives(VolumeStore store) {
        this.store = store;
    }

    /**
     * Writes all that is in a volume, as a tar archive.
     *
     * @throws FcvmException when there is no such volume, or a machine may write to it
     */
    public void write(VolumeName name, OutputStream to) throws FcvmException, InterruptedException {
        VolumeStore.Found volume = store.find(name);
        try (LockFile _ = store.hold(name, false)) {
            VolumeArchive.write(volume.disk(), to);
        } catch (IOException failure) {
            throw new FcvmException(
                    Kind.HOST, "volume " + name + " cannot be exported: " + IoReason.of(failure), failure);
        }
    }

    /**
     * Puts what is in an archive into a volume, over what is there. It is all there, or nothing is.
     *
     * @param from a tar archive, maybe compressed by gzip
     * @param floor what must stay free on the host's disk
     * @throws FcvmException when there is no such volume, a machine has it, it is no archive, or there is no room
     */
    public void read(VolumeName name, InputStream from, DataSize floor) throws FcvmException, InterruptedException {
        VolumeStore.Found volume = store.find(name);
        Path made = volume.disk().resolveSibling("import.ext4");
        Path spool = volume.disk().resolveSibling("import.tar");
        try (LockFile _ = store.hold(name, true)) {
            try {
                // What an import left that was killed.
                Files.deleteIfExists(made);
                Files.deleteIfExists(spool);
                ImageWriter.Options options = VolumeStore.layout(Files.size(volume.disk()));
                VolumeArchive.read(volume.disk(), made, from, spool, floor, options);
                Files.setPosixFilePermissions(made, PosixFilePermissions.fromString(VolumeStore.DISK_MODE));
                AtomicFiles.replace(made, volume.disk());
            } finally {
                Files.deleteIfExists(made);
                Files.deleteIfExists(spool);
            }
        } catch (TooLargeException tooLarge) {
            throw new FcvmException(
                    Kind.USAGE,
                    "volume " + name + " is too small for that: it has "
                            + new DataSize(volume.what().size())
                            + "; let it grow: fcvm volume create --ignore --size SIZE " + name,
                    tooLarge);
        } catch (IOException failure) {
            throw new FcvmException(
                    Kind.HOST, "nothing was imported into volume " + name + ": " + IoReason.of(failure), failure);
        }
    }
}
