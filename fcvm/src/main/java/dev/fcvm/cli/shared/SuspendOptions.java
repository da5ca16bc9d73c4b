package dev.fcvm.cli.shared;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.machine.spec.SuspendAfter;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flag by which a machine is suspended by itself. */
public final class SuspendOptions {

    @Option(
            names = "--suspend-after",
            paramLabel = "TIME",
            description = "Suspend the machine when nothing has moved in it for so long, such as 10m; whoever wants"
                    + " something of it wakes it. See docs/snapshots.md.")
    @Nullable String after;

    /**
     * Reads it.
     *
     * @param open the user's machines, in the hands of whoever will have the machine
     */
    public Optional<Duration> read(OpenMachines open) throws FcvmException {
        if (after == null) {
            return Optional.empty();
        }
        if (!open.isShared()) {
            throw new FcvmException(
                    Kind.USAGE,
                    "--suspend-after needs the supervisor, which suspends machines and wakes them; leave out"
                            + " FCVM_SUPERVISOR=off");
        }
        return Optional.of(SuspendAfter.parse(after));
    }
}
