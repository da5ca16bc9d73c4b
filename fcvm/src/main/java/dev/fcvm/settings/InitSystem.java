package dev.fcvm.settings;

/** What runs as process 1 in the guest. */
public enum InitSystem {
    /** The small init of the base: reaps, and restarts the agent. */
    TINY,
    /** systemd, which starts the agent as a service. */
    SYSTEMD
}
