package dev.fcvm.settings;

import java.util.Locale;

/** What runs as process 1 in the guest. */
public enum InitSystem {
    /** The small init of the base: reaps, and restarts the agent. */
    TINY,
    /** systemd, which starts the agent as a service. */
    SYSTEMD;

    /** Returns the word by which the guest knows it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
