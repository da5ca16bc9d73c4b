package dev.fcvm.machine.session;

import java.util.Locale;

/** The end points of a run that are timed, in the order they are usually reached. */
public enum Phase {
    /** The image's store disk is there. */
    IMAGE,
    /** The machine's directory and disks are made. */
    PREPARE,
    /** The monitor runs. */
    VMM_STARTED,
    /** The agent in the guest has answered. */
    AGENT_READY,
    /** The machine, which was restored, is one of its own. */
    RENEWED,
    /** The container runs its own program. */
    CONTAINER_STARTED,
    /** The container's first byte of output has been written. */
    FIRST_BYTE,
    /** The machine is gone and its exit code known. */
    EXIT;

    /** Returns the name in reports, such as {@code agent-ready}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
