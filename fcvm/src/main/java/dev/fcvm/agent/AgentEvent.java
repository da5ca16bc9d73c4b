package dev.fcvm.agent;

import dev.fcvm.link.Message;

/** Something that reached the host from the agent. */
public sealed interface AgentEvent {

    /** The agent said something. */
    record Said(Message.FromGuest message) implements AgentEvent {}

    /**
     * The session is over.
     *
     * @param reason why, harmless to show
     */
    record Gone(String reason) implements AgentEvent {}
}
