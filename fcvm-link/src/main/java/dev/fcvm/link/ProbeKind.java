package dev.fcvm.link;

/** What an agent can look at. In the protocol each is its number, counted from 0. */
public enum ProbeKind {
    /** Whether something takes connections on a port. */
    TCP,
    /** What a web server answers. */
    HTTP,
    /** Whether the container has a file. */
    FILE,
    /** What the container's own health check says. */
    HEALTH
}
