package dev.fcvm.link;

import java.util.List;

/** A control message. {@code FromHost} ones go to the agent, {@code FromGuest} ones come from it. */
public sealed interface Message {

    /** What a host may say. */
    sealed interface FromHost extends Message permits Run, Signal, Shutdown {}

    /** What an agent may say. */
    sealed interface FromGuest extends Message permits Ready, Started, Signalled, Exited, Failed {}

    /**
     * Run the plan's container.
     *
     * @param plan the plan's JSON where the machine has no other way to it, else empty
     * @param environment {@code NAME=VALUE}, as given by the user: secrets, so never in the plan
     * @param stdin number of the stream that carries standard input, or 0 for none
     * @param stdout number of the stream for standard output, or 0 when it is not wanted
     * @param stderr number of the stream for standard error, or 0 when it is not wanted
     */
    record Run(String plan, List<String> environment, int stdin, int stdout, int stderr) implements FromHost {
        public Run {
            environment = List.copyOf(environment);
        }
    }

    /** Send the container's first process a signal, by its Linux number. */
    record Signal(int number) implements FromHost {}

    /** Write the disks back when {@code keep} is set, then end the machine. */
    record Shutdown(boolean keep) implements FromHost {}

    /**
     * The agent is up.
     *
     * @param version the agent's version
     * @param uptimeMillis the guest kernel's uptime, in milliseconds
     */
    record Ready(String version, long uptimeMillis) implements FromGuest {}

    /** Podman has been started, at this uptime of the guest kernel in milliseconds. */
    record Started(long uptimeMillis) implements FromGuest {}

    /** A signal of this Linux number has arrived: the container's first process has it, or gets it when it runs. */
    record Signalled(int number) implements FromGuest {}

    /**
     * Podman has ended, and all its output has been written to the streams.
     *
     * @param code its exit code, 0 to 255
     * @param outOfMemory whether the guest's kernel has killed a process because memory ran out
     */
    record Exited(int code, boolean outOfMemory) implements FromGuest {

        /** One whose memory sufficed. */
        public Exited(int code) {
            this(code, false);
        }
    }

    /** The agent could not do what it was told; the reason is one line for the user. */
    record Failed(String reason) implements FromGuest {}
}
