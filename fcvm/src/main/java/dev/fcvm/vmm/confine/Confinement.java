package dev.fcvm.vmm.confine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.user.UserRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the user has set about the confinement of monitors.
 *
 * @param jailer Firecracker's jailer; empty to take the one beside Firecracker
 * @param users the users that privileged machines run as, one each
 */
public record Confinement(Optional<Path> jailer, UserRange users) {

    /** Returns what holds where the user has set nothing. */
    public static Confinement standard() {
        return new Confinement(Optional.empty(), UserRange.STANDARD);
    }

    /**
     * Returns the jailer that goes with a Firecracker.
     *
     * @param firecracker an absolute path
     * @throws FcvmException when there is none
     */
    public Path jailerOf(Path firecracker) throws FcvmException {
        Path found = jailer.orElseGet(() -> real(firecracker).resolveSibling("jailer"));
        if (!Files.isRegularFile(found) || !Files.isExecutable(found)) {
            throw new FcvmException(
                    Kind.NOT_FOUND,
                    "firecracker's jailer, which a privileged machine is started by, is not an executable file: %s;"
                                    .formatted(found)
                            + " put it there, name it in FIRECRACKER_JAILER, or use --mode rootless");
        }
        return found;
    }

    /** The jailer refuses a program that is a symbolic link, and lies beside the program itself. */
    static Path real(Path program) {
        try {
            return program.toRealPath();
        } catch (IOException e) {
            return program; // what is wrong with it is told when it is started
        }
    }
}
