package dev.fcvm.supervisor;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Whom a supervisor serves.
 *
 * @param socket where it listens; its directory is the user's own and closed to others
 * @param data the data directory, by its real path where it exists
 * @param namespaces the network, mount, PID and user namespace, as /proc names them
 * @param digest of the distribution
 */
public record SupervisorIdentity(Path socket, Path data, String namespaces, String digest) {

    /** Returns the file whose lock is held by whoever starts a supervisor or ends one. */
    Path lock() {
        return sibling(".lock");
    }

    /** Returns its log. */
    public Path log() {
        return sibling(".log");
    }

    private Path sibling(String suffix) {
        String name = String.valueOf(socket.getFileName());
        return socket.resolveSibling(name.substring(0, name.lastIndexOf('.')) + suffix);
    }

    /** Returns the real path of a directory, or the given one where it does not exist. */
    static Path real(Path directory) {
        try {
            return directory.toRealPath();
        } catch (IOException absent) {
            return directory;
        }
    }
}
