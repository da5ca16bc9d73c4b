package dev.fcvm.machine;

import java.time.Instant;

/**
 * Where a machine stands in its life. Each state can only do what is legal in it: preparing → booting → running →
 * exited, with running → paused → running between, and from each but the last to failed.
 */
public sealed interface MachineState {

    /** Returns when the machine came to this state. */
    Instant since();

    /** A state whose machine has an owner, and holds things on the host that must be given back. */
    sealed interface Live extends MachineState {

        /** Gives up. */
        default Failed failed(String reason, Instant now) {
            return new Failed(reason, now);
        }
    }

    /** A state nothing runs in any more. */
    sealed interface Ended extends MachineState {}

    /** Its image and disks are made. */
    record Preparing(Instant since) implements Live {

        /** Its monitor is started. */
        public Booting booting(Instant now) {
            return new Booting(now);
        }
    }

    /** Its monitor runs; its agent has not answered yet. */
    record Booting(Instant since) implements Live {

        /** Its agent has been told to run the container. */
        public Running running(Instant now) {
            return new Running(now);
        }
    }

    /** Its container runs. */
    record Running(Instant since) implements Live {

        /** Its container has ended. */
        public Exited exited(int code, boolean outOfMemory, Instant now) {
            return new Exited(code, outOfMemory, now);
        }

        /** Its vCPUs have been stopped. */
        public Paused paused(String reason, Instant now) {
            return new Paused(reason, now);
        }
    }

    /**
     * Its container would run, but its vCPUs are stopped.
     *
     * @param reason why, a few words for the user
     */
    record Paused(String reason, Instant since) implements Live {

        /** Its vCPUs go on. */
        public Running running(Instant now) {
            return new Running(now);
        }
    }

    /**
     * Its container has ended, and so has the machine.
     *
     * @param code the container's exit code
     * @param outOfMemory whether a process was killed because memory ran out
     */
    record Exited(int code, boolean outOfMemory, Instant since) implements Ended {}

    /**
     * It came to nothing.
     *
     * @param reason one line for the user
     */
    record Failed(String reason, Instant since) implements Ended {}
}
