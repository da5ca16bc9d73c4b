package dev.fcvm.machine.disk;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The root file system that a machine boots from or has mounted: another name of it in the machine's directory, so that it
 * stays as it is while the machine needs it, and can be kept in a snapshot, although {@code fcvm init} makes another base.
 */
public final class MachineRootfs {

    private MachineRootfs() {}

    /**
     * Gives it that name, instead of the one before.
     *
     * @param shared the file as it is called by those who share it
     * @return by what the machine has it; its shared name where no other can be given, on another disk for example
     */
    public static Path link(Path shared, Path own) throws FcvmException {
        try {
            Files.deleteIfExists(own);
        } catch (IOException failure) {
            throw new FcvmException(Kind.HOST, "cannot delete " + own + ": " + IoReason.of(failure), failure);
        }
        try {
            return Files.createLink(own, shared);
        } catch (IOException | UnsupportedOperationException otherDisk) {
            return shared;
        }
    }
}
