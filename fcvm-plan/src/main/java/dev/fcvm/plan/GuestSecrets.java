package dev.fcvm.plan;

import java.nio.file.Path;

/** Where the agent puts secrets, for Podman to show them to the container: on a tmpfs, so that no disk ever holds one. */
public final class GuestSecrets {

    /** The directory's name, beside what else the agent keeps there. */
    public static final String NAME = "secrets";

    private static final Path DIRECTORY = Path.of("/run/fcvm").resolve(NAME);

    private GuestSecrets() {}

    /** Returns the file of the secret of this number, 0 or more. */
    public static Path file(int number) {
        return DIRECTORY.resolve(Integer.toString(number));
    }
}
