package dev.fcvm.machine.store;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.file.AtomicFiles;
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
public final class Environments {

    private static final String FILE = "environment.json";
    private static final String COMMANDS = "command-environment.json";

    private Environments() {}

    /** Writes the environment of a container that does not run yet. */
    public static void write(MachineFiles files, List<String> environment) throws FcvmException {
        write(files, FILE, environment);
    }

    private static void write(MachineFiles files, String file, List<String> environment) throws FcvmException {
        try {
            AtomicFiles.write(
                    files.directory().resolve(file),
                    Jsonb.instance().type(String.class).list().toJson(environment));
        } catch (IOException failure) {
            throw failed("write", files, failure);
        }
    }

    /** Returns it; nothing when the container has been started already. */
    public static Optional<List<String>> read(MachineFiles files) throws FcvmException {
        return read(files, FILE);
    }

    private static Optional<List<String>> read(MachineFiles files, String file) throws FcvmException {
        try {
            return Optional.of(Jsonb.instance()
                    .type(String.class)
                    .list()
                    .fromJson(Files.readString(files.directory().resolve(file))));
        } catch (NoSuchFileException started) {
            return Optional.empty();
        } catch (IOException failure) {
            throw failed("read", files, failure);
        }
    }

    /** Writes down what commands that are run in the machine get, for as long as it is there. */
    public static void writeForCommands(MachineFiles files, List<String> environment) throws FcvmException {
        if (!environment.isEmpty()) {
            write(files, COMMANDS, environment);
        }
    }

    /** Returns what commands get that are run in the machine. */
    public static List<String> ofCommands(MachineFiles files) throws FcvmException {
        return read(files, COMMANDS).orElse(List.of());
    }

    /** The container has it. */
    public static void forget(MachineFiles files) throws FcvmException {
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
