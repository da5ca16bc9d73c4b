package dev.fcvm.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Which machine this is, for whoever in a container must know that it was saved and goes on as another one: a file that
 * holds 32 hexadecimal digits, given to nobody else and replaced at each restore, before anything in the container goes
 * on. A container sees it as {@value #SEEN}{@code /id}, read-only.
 *
 * @param directory where it is in the guest
 */
public record MachineSession(Path directory) {

    /** The directory as a container sees it. */
    static final String SEEN = "/run/.fcvm";

    private static final String RANDOM = "/proc/sys/kernel/random/uuid";

    /** Writes one that the kernel makes up. */
    void begin() throws IOException {
        write(random());
    }

    /** Replaces it. */
    void write(String id) throws IOException {
        Files.createDirectories(directory);
        Path fresh = directory.resolve(".id");
        Files.writeString(fresh, id + "\n");
        Files.move(fresh, directory.resolve("id"), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Returns 32 random hexadecimal digits. */
    static String random() throws IOException {
        return Files.readString(Path.of(RANDOM)).strip().replace("-", "");
    }

    /** Returns the argument of {@code podman run} by which a container sees it. */
    String volume() {
        return "--volume=" + directory + ":" + SEEN + ":ro";
    }
}
