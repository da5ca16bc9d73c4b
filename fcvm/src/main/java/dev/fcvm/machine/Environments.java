package dev.fcvm.machine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.AtomicFiles;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;

/**
 * The environment of a container that does not run yet, and may have to be started by another process. It may hold secrets: it lies in a file of the
 * user's alone, which goes as soon as the container has it.
 */
final class Environments {

    private static final String FILE = "environment.json";

    private Environments() {}

    static void write(MachineFiles files, List<String> environment) throws FcvmException {
        try {
            AtomicFiles.write(
                    files.directory().resolve(FILE),
                    Jsonb.instance().type(String.class).list().toJson(environment));
        } catch (IOException failure) {
            throw failed("write", files, failure);
        }
    }

    /** Returns it; nothing when the container has been started already. */
    static Optional<List<String>> read(MachineFiles files) throws FcvmException {
        try {
            return Optional.of(Jsonb.instance()
                    .type(String.class)
                    .list()
                    .fromJson(Files.readString(files.directory().resolve(FILE))));
        } catch (NoSuchFileException started) {
            return Optional.empty();
        } catch (IOException failure) {
            throw failed("read", files, failure);
        }
    }

    /** The container has it. */
    static void forget(MachineFiles files) throws FcvmException {
        try {
            Files.deleteIfExists(files.directory().resolve(FILE));
        } catch (IOException failure) {
            throw failed("delete", files, failure);
        }
    }

    private static FcvmException failed(String what, MachineFiles files, IOException failure) {
        return new FcvmException(
                FcvmException.Kind.HOST,
                "cannot " + what + " " + files.directory().resolve(FILE) + ": " + IoReason.of(failure)
                        + "; look at the disk space and the permissions there",
                failure);
    }
}
