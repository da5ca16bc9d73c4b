package dev.fcvm.machine.store;

import java.time.Instant;
import java.util.Optional;

/**
 * Where a machine stands in its life. Each state can only do what is legal in it: created → preparing → booting → running →
 * stopping → exited, with running → paused → running between; from each in which something can go wrong to failed; from
 * those in which nothing runs to preparing again, and to removing.
 */
public sealed interface MachineState {

    /** Returns when the machine came to this state. */
    Instant since();

    /** A state whose machine has an owner, and holds things on the host that must be given back. */
    sealed interface Live extends MachineState {

        /**
         * Its monitor has ended, and its memory is saved.
         *
         * @param reason why it did not go on when it was to; empty when nobody has wanted that yet
         */
        default Suspended suspended(String reason, Instant now) {
            return new Suspended(reason, now);
        }

        /** Gives up. */
        default Failed failed(String reason, Instant now) {
            return new Failed(reason, now);
        }

        /** Everything of it is taken away. */
        default Removing removing(Instant now) {
            return new Removing(now);
        }
    }

    /** A state in which there is a container, which may run. */
    sealed interface Up extends Live {

        /** Returns when the container was started. */
        Instant started();

        /** Its container has ended. */
        default Exited exited(int code, boolean outOfMemory, Instant now) {
            return new Exited(code, outOfMemory, Optional.of(started()), now);
        }
    }

    /** A state in which nothing runs. */
    sealed interface Resting extends MachineState {

        /** It is started. */
        default Preparing preparing(Instant now) {
            return new Preparing(now);
        }

        /** Everything of it is taken away. */
        default Removing removing(Instant now) {
            return new Removing(now);
        }
    }

    /**
     * Its memory is saved, and nothing of it runs; it goes on from there.
     *
     * @param reason why it did not go on when it was to, one line for the user; else empty
     */
    record Suspended(String reason, Instant since) implements Resting {

        /** It was to go on, and could not. */
        public Suspended stays(String why, Instant now) {
            return new Suspended(why, now);
        }
    }

    /** It has all it needs, and has never been started. */
    record Created(Instant since) implements Resting {}

    /** Its image is fetched, its network and disks are made. */
    record Preparing(Instant since) implements Live {

        /** It has all it needs. */
        public Created created(Instant now) {
            return new Created(now);
        }

        /** Its monitor is started. */
        public Booting booting(Instant now) {
            return new Booting(now);
        }
    }

    /** Its monitor runs; its agent has not answered yet. */
    record Booting(Instant since) implements Live {

        /** Its agent has been told to run the container. */
        public Running running(Instant now) {
            return new Running(now, now);
        }
    }

    /** Its container runs. */
    record Running(Instant started, Instant since) implements Up {

        /** Its vCPUs are stopped. */
        public Paused paused(String reason, Instant now) {
            return new Paused(reason, started, now);
        }

        /** It is told to end. */
        public Stopping stopping(Instant now) {
            return new Stopping(started, now);
        }
    }

    /**
     * Its container would run, but its vCPUs are stopped.
     *
     * @param reason why, a few words for the user; empty when the user wanted it
     */
    record Paused(String reason, Instant started, Instant since) implements Up {

        /** Its vCPUs go on. */
        public Running running(Instant now) {
            return new Running(started, now);
        }
    }

    /** Its container has been told to end. */
    record Stopping(Instant started, Instant since) implements Up {}

    /**
     * Its container has ended, and so has the machine.
     *
     * @param code the container's exit code
     * @param outOfMemory whether a process was killed because memory ran out
     * @param started when the container was started, where that is known
     */
    record Exited(int code, boolean outOfMemory, Optional<Instant> started, Instant since) implements Resting {}

    /**
     * It came to nothing.
     *
     * @param reason one line for the user
     */
    record Failed(String reason, Instant since) implements Resting {}

    /** It is being taken away; what is left of it when that is interrupted is taken away by the next sweep. */
    record Removing(Instant since) implements Live {}
}
