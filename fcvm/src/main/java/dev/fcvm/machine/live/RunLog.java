package dev.fcvm.machine.live;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.machine.log.OutputLog;
import java.io.IOException;

/**
 * The log of what a machine's container writes.
 *
 * @param standing the machine
 */
record RunLog(Standing standing) {

    /** Opens it, where it ended. */
    OutputLog open() throws FcvmException {
        try {
            return OutputLog.open(
                    standing.owned().files().directory(),
                    standing.spec().logLimit(),
                    standing.world().clock());
        } catch (IOException failure) {
            throw failure(failure);
        }
    }

    /** What follows is of another run of the container. */
    void begin(OutputLog log) throws FcvmException {
        try {
            log.begin();
        } catch (IOException failure) {
            throw failure(failure);
        }
    }

    /** The refusal to go on when it cannot be written. */
    FcvmException failure(IOException failure) {
        return new FcvmException(
                Kind.HOST,
                "cannot log the container's output in "
                        + standing.owned().files().directory() + ": " + IoReason.of(failure)
                        + "; look at the disk space and the permissions there",
                failure);
    }
}
