package dev.fcvm.cli.snapshot;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Flags by which a machine is saved as soon as it is ready. */
public final class SavingOptions {

    @Option(
            names = "--save-snapshot",
            paramLabel = "NAME",
            description = "Save the machine under this name once it is ready: as --wait-ready says, else when its"
                    + " container runs. fcvm clone goes on from there.")
    @Nullable String name;

    @Option(names = "--exit-after-snapshot", description = "With --save-snapshot: end the machine when it is saved.")
    boolean exit;

    @Option(
            names = "--warm",
            description =
                    "Go on from a machine of the same image, command and flags whose container is ready already; the"
                            + " first run saves it, once it is ready as --wait-ready says. They share a past: see"
                            + " docs/snapshots.md.")
    boolean warm;

    @Option(
            names = "--pool",
            paramLabel = "POOL",
            description =
                    "Take a machine that waits in this pool, which was made without --snapshot; where none is ready"
                            + " that is what is asked for, start one.")
    @Nullable String pool;

    /** Returns the pool of which a machine is to be taken. */
    public Optional<String> pool() throws FcvmException {
        if (pool != null && warm) {
            throw new FcvmException(Kind.USAGE, "--warm and --pool say where the machine comes from: give one of them");
        }
        return Optional.ofNullable(pool);
    }

    /** Returns whether the machine is to go on from one that is ready. */
    public boolean warm() {
        return warm;
    }

    /** Returns the snapshot's name, if one is wanted; refuses what makes no sense. */
    public Optional<String> wanted() throws FcvmException {
        if (name == null && exit) {
            throw new FcvmException(
                    Kind.USAGE, "--exit-after-snapshot says when to end: name the snapshot with --save-snapshot");
        }
        return Optional.ofNullable(name);
    }

    /** Refuses them where no machine is started. */
    public void refuse() throws FcvmException {
        if (pool().isPresent()) {
            throw new FcvmException(Kind.USAGE, "--pool is for a machine that is started: use fcvm run");
        }
        if (warm) {
            throw new FcvmException(Kind.USAGE, "--warm is for a machine that is started: use fcvm run");
        }
        if (wanted().isPresent()) {
            throw new FcvmException(
                    Kind.USAGE,
                    "--save-snapshot is for a machine that is started: use fcvm run, or fcvm snapshot create");
        }
    }

    /** Returns whether the machine is to end when it is saved. */
    public boolean exits() {
        return exit;
    }
}
