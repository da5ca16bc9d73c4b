package dev.fcvm.cli;

import dev.fcvm.error.FcvmException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Flags of {@code podman run} that many will try, and that cannot be carried out yet. */
public final class NotYetOptions {

    @Option(
            names = {"-d", "--detach"},
            hidden = true)
    boolean detach;

    @Option(
            names = {"-t", "--tty"},
            hidden = true)
    boolean tty;

    @Option(
            names = {"-v", "--volume", "--mount"},
            hidden = true)
    List<String> volumes = new ArrayList<>();

    /** Refuses the first that was given. */
    void refuse() throws FcvmException {
        refuse(detach, "cannot detach: machines run attached only, so far; leave out -d");
        refuse(tty, "cannot make a terminal: machines have none yet; leave out -t");
        refuse(!volumes.isEmpty(), "cannot map directories: machines have no mappings yet; leave out -v and --mount");
    }

    private static void refuse(boolean given, String why) throws FcvmException {
        if (given) {
            throw new FcvmException(FcvmException.Kind.USAGE, why);
        }
    }
}
