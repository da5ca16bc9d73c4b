package dev.fcvm.settings;

/** With which privileges a machine is started. */
public enum Mode {
    /** As an ordinary user, in a user namespace. */
    ROOTLESS,
    /** As root. */
    PRIVILEGED,
    /** Privileged for root, rootless for everyone else. */
    AUTO
}
