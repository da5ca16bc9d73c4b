package dev.fcvm.machine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.session.RunEnd;

/** Turns how a run ended into what its user is told. */
public final class Outcomes {

    private Outcomes() {}

    /**
     * Returns the exit code.
     *
     * @throws FcvmException when there is none
     * @throws InterruptedException when the run was called off
     */
    public static int code(RunEnd end) throws FcvmException, InterruptedException {
        return switch (end) {
            case RunEnd.Exited(int code, boolean _) -> code;
            case RunEnd.Suspended suspended ->
                throw new FcvmException(
                        FcvmException.Kind.IN_USE, "the machine was suspended; it goes on with: fcvm resume");
            case RunEnd.LetGo letGo ->
                throw new FcvmException(
                        FcvmException.Kind.HOST,
                        "the supervisor has ended, and the machine goes on: go back to it with: fcvm attach; see fcvm ps");
            case RunEnd.CalledOff calledOff -> throw new InterruptedException("called off");
            case RunEnd.Failed(FcvmException why) -> throw why;
            case RunEnd.Failed(RuntimeException defect) -> throw defect;
            case RunEnd.Failed(Error defect) -> throw defect;
            case RunEnd.Failed(Throwable other) -> throw new IllegalStateException(other);
        };
    }
}
