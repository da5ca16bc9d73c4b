package dev.fcvm.machine.spec;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.file.CallersFile;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.util.Optional;

/** The file of {@code --cidfile}. Closing deletes it again, unless the container was started. */
public final class CidFile implements AutoCloseable {

    private final Optional<CallersFile> file;
    private boolean kept;

    private CidFile(Optional<CallersFile> file) {
        this.file = file;
    }

    /** Makes the file with the machine's id in it; does nothing when none was asked for. */
    public static CidFile create(Optional<CallersFile> file, String id) throws FcvmException {
        if (file.isPresent()) {
            try {
                file.get().create(id);
            } catch (FileAlreadyExistsException exists) {
                throw new FcvmException(
                        FcvmException.Kind.IN_USE,
                        "--cidfile " + file.get() + " exists: no other container may be using it; delete it, or name"
                                + " another",
                        exists);
            } catch (IOException failure) {
                throw new FcvmException(
                        FcvmException.Kind.USAGE,
                        "--cidfile " + file.get() + " cannot be written: " + IoReason.of(failure)
                                + "; name a file in a directory you may write to",
                        failure);
            }
        }
        return new CidFile(file);
    }

    /** Leaves the file in place. */
    public void keep() {
        kept = true;
    }

    @Override
    public void close() throws FcvmException {
        if (file.isPresent() && !kept) {
            try {
                Files.deleteIfExists(file.get().path());
            } catch (IOException failure) {
                throw new FcvmException(
                        FcvmException.Kind.HOST, "cannot delete " + file.get() + ": " + failure.getMessage(), failure);
            }
        }
    }
}
