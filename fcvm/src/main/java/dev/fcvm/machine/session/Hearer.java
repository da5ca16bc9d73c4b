package dev.fcvm.machine.session;

/** Hears what the agent says of the container while it runs. */
@FunctionalInterface
public interface Hearer {

    /** The container has been started. */
    void started();

    /** Its health has been checked: Podman's record, as the guest says it. */
    default void health(String document) {}
}
