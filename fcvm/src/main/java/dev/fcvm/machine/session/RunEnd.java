package dev.fcvm.machine.session;

import dev.fcvm.error.FcvmException;

/** How one run of a machine, from its start on, came to its end. */
public sealed interface RunEnd {

    /**
     * Its container has ended.
     *
     * @param code the exit code: the container's, or 128+N when signal N of the user's made an end of it
     * @param outOfMemory whether a process was killed because memory ran out
     */
    record Exited(int code, boolean outOfMemory) implements RunEnd {}

    /** It came to nothing; why is a {@link FcvmException}, unless fcvm has a defect. */
    record Failed(Throwable why) implements RunEnd {}

    /** Its user has called it off before there was a container. */
    record CalledOff() implements RunEnd {}

    /** Its memory is saved, and nothing of it runs. */
    record Suspended() implements RunEnd {}

    /** The machine goes on, in the hands of another process. */
    record LetGo() implements RunEnd {}
}
