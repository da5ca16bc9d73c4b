package dev.fcvm.supervisor;

import dev.fcvm.error.FcvmException;
import java.time.Duration;

/** What the supervisor asks of whoever owns the machines. */
public interface SupervisorHooks {

    /** Returns how many machines this process looks after; while there are any it does not end for idleness. */
    int machines();

    /** Returns whether this process does something else for which nobody waits, and which it is to bring to its end. */
    boolean isAtWork();

    /** Takes over what an earlier supervisor has left; called once, before the first command is run. */
    void adopt() throws FcvmException, InterruptedException;

    /**
     * Gives the machines up, which go on: called once, when the supervisor is to end or another takes its place. Commands
     * may be running still.
     */
    void letGo() throws FcvmException, InterruptedException;

    /**
     * Gives up those that somebody watches as well, who is told so, and calls off what is only being started.
     *
     * @param atMost how long it may take
     */
    void letGoAll(Duration atMost) throws FcvmException, InterruptedException;

    /** Returns those of a supervisor that owns no machine: each belongs to the command that runs it, and ends with it. */
    static SupervisorHooks none() {
        return new SupervisorHooks() {
            @Override
            public int machines() {
                return 0;
            }

            @Override
            public boolean isAtWork() {
                return false;
            }

            @Override
            public void adopt() {}

            @Override
            public void letGo() {}

            @Override
            public void letGoAll(Duration atMost) {}
        };
    }
}
