package dev.fcvm.host.user;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whose users this process sees. */
public final class HostUsers {

    private HostUsers() {}

    /**
     * Returns whether all users of the host are this process's users. In a container that has a user namespace root may
     * lack numbers, and is nobody on the host itself. See user_namespaces(7).
     */
    public static boolean areAllHere() {
        try {
            return Files.readString(Path.of("/proc/self/uid_map"))
                    .strip()
                    .replaceAll("\\s+", " ")
                    .equals("0 0 4294967295");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read /proc/self/uid_map: is /proc mounted?", e);
        }
    }
}
