package dev.fcvm.agent;

import dev.fcvm.link.message.ContainerStatus;
import dev.fcvm.link.message.ExitRecord;
import java.util.List;

/** Something that reached the host from the agent. Texts are harmless to show. */
public sealed interface AgentEvent {

    /**
     * The agent is up and listens: the first event of a session, unless there is none.
     *
     * @param version the agent's
     * @param uptimeMillis the guest kernel's uptime, in milliseconds
     * @param containers those it has started since the machine's boot
     */
    record Ready(String version, long uptimeMillis, List<ContainerStatus> containers) implements AgentEvent {
        public Ready {
            containers = List.copyOf(containers);
        }
    }

    /** A container runs its own program, or has: seen at this uptime of the guest kernel, in milliseconds. */
    record Started(String container, long uptimeMillis) implements AgentEvent {}

    /**
     * The streams of {@link AgentSession#attach} have been joined.
     *
     * @param stdoutFrom the number of the first byte that comes of standard output: later than asked for when the guest had
     *     to drop some
     * @param stderrFrom the same of standard error
     */
    record Attached(String container, long stdoutFrom, long stderrFrom) implements AgentEvent {}

    /** A container's run has come to its end, and the guest has all its output. */
    record Exited(String container, ExitRecord exit) implements AgentEvent {}

    /** A signal has arrived in the guest: the container's first process has it, or gets it when it runs. */
    record Signalled(String container, int number) implements AgentEvent {}

    /** The agent could not do with a container what it was told. */
    record Failed(String container, String reason) implements AgentEvent {}

    /**
     * A container's health has been checked.
     *
     * @param document what Podman has written down of its checks, JSON as the guest says it
     */
    record Health(String container, String document) implements AgentEvent {}

    /** The session is over; no event comes behind this one. */
    record Gone(String reason) implements AgentEvent {}
}
