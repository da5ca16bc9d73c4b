package dev.fcvm.volume.secret;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import io.avaje.jsonb.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A secret that a container is to have, without the secret itself: what a machine's specification holds. It is read anew at
 * each start.
 *
 * @param name a name or id in the store; of a file, what the user calls it
 * @param file the file it is read from; empty for one of the store
 * @param variable whether it becomes a variable of the environment; else a file
 * @param target the variable's name, or the absolute path of the file in the container
 * @param uid the file's owner
 * @param gid the file's group
 * @param mode the file's mode
 */
@Json
public record WantedSecret(String name, String file, boolean variable, String target, int uid, int gid, int mode) {

    /** A damaged document lacks fields. */
    public WantedSecret {
        name = Objects.requireNonNullElse(name, "");
        file = Objects.requireNonNullElse(file, "");
        target = Objects.requireNonNullElse(target, "");
    }

    /**
     * Returns what is secret.
     *
     * @throws FcvmException when it is not there, or cannot be read; says nothing of what is in it
     */
    public byte[] content(SecretStore store) throws FcvmException, InterruptedException {
        if (file.isEmpty()) {
            return store.content(name);
        }
        Path source = Path.of(file);
        if (Files.exists(source) && !Files.isRegularFile(source)) {
            throw new FcvmException(
                    Kind.USAGE,
                    "secret " + name + " cannot be read from " + file
                            + ": it is no regular file, and it is read at each start; use fcvm secret create " + name
                            + " -, and --secret " + name);
        }
        try (InputStream in = Files.newInputStream(source)) {
            return SecretContent.read(in);
        } catch (IOException failure) {
            throw new FcvmException(
                    Kind.NOT_FOUND,
                    "secret " + name + " cannot be read from " + file + ": " + IoReason.of(failure),
                    failure);
        }
    }
}
