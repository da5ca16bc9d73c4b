package dev.fcvm.settings;

/** Which network a machine gets that is asked for none in particular. */
public enum NetworkKind {
    /** An uplink of its own: it reaches the world, and nothing reaches it. */
    DEFAULT,
    /** None. */
    NONE
}
