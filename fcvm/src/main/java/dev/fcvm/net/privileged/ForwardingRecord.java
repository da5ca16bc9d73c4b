package dev.fcvm.net.privileged;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a setting of the host's network was before it was changed, in the directory of claims, from where {@code
 * scripts/setup-nftables.sh remove} puts it back. The setting belongs to a network namespace, and so does the record: a
 * host may have several in which fcvm runs, and one directory for all of them.
 */
final class ForwardingRecord {

    /** Its inode is the namespace's name, see namespaces(7). */
    private static final Path NAMESPACE = Path.of("/proc/self/ns/net");

    private ForwardingRecord() {}

    /** Writes it down. */
    static void write(Path claims, String setting, String before) throws IOException {
        Files.writeString(claims.resolve(setting + "." + Files.getAttribute(NAMESPACE, "unix:ino")), before + "\n");
    }
}
