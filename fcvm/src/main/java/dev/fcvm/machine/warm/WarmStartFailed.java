package dev.fcvm.machine.warm;

import dev.fcvm.error.FcvmException;
import java.io.Serial;

/** A machine cannot start from its warm base; nothing of its container has been started, and it can boot instead. */
public final class WarmStartFailed extends Exception {

    @Serial
    private static final long serialVersionUID = 1L;

    private final boolean broken;

    private WarmStartFailed(String message, boolean broken) {
        super(message);
        this.broken = broken;
    }

    /** The base is of no use, or its monitor or agent is not. */
    public static WarmStartFailed of(FcvmException failure) {
        var failed = new WarmStartFailed(String.valueOf(failure.getMessage()), true);
        failed.initCause(failure);
        return failed;
    }

    /** A warm base has places for fewer. */
    public static WarmStartFailed tooManyDisks() {
        return new WarmStartFailed("it has more mapped directories and volumes than a warm base has places for", false);
    }

    /** It waited for its image's disk, and cannot be given it. */
    public static WarmStartFailed withoutImage(Exception failure) {
        var failed = new WarmStartFailed("its image's disk cannot be given to it: " + failure.getMessage(), false);
        failed.initCause(failure);
        return failed;
    }

    /** Returns whether the base is to be made anew. */
    public boolean isBroken() {
        return broken;
    }

    /** Returns what it came from, in one line. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
