package dev.fcvm.host.process;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A network namespace as it can be written down and told from others.
 *
 * @param boot which start of the host it is of: the kernel's random boot_id
 * @param inode its name, see namespaces(7)
 */
public record NetworkNamespace(String boot, String inode) {

    private static final Path OWN = Path.of("/proc/self/ns/net");

    /** Returns that of this process. */
    public static NetworkNamespace own() throws FcvmException {
        try {
            return new NetworkNamespace(
                    ProcessIdentity.thisBoot(), String.valueOf(Files.getAttribute(OWN, "unix:ino")));
        } catch (IOException failure) {
            throw new FcvmException(Kind.HOST, "cannot look at " + OWN + ": " + IoReason.of(failure), failure);
        }
    }

    /** Reads what was written down; nobody's, where that cannot be read. */
    public static NetworkNamespace parse(String text) {
        int space = text.indexOf(' ');
        return new NetworkNamespace(text.substring(0, Math.max(space, 0)), text.substring(space + 1));
    }

    /** Tells whether it is another one, of the same start of the host. Those of former starts are all gone. */
    public boolean isBeside(NetworkNamespace other) {
        return boot.equals(other.boot) && !inode.equals(other.inode);
    }

    @Override
    public String toString() {
        return boot + " " + inode;
    }
}
