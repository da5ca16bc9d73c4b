package dev.fcvm.link.message;

/** What an agent can look at. */
public enum ProbeKind {
    /** Whether something takes connections on a port. */
    TCP(0),
    /** What a web server answers. */
    HTTP(1),
    /** Whether the container has a file. */
    FILE(2),
    /** What the container's own health check says. */
    HEALTH(3);

    private final int number;

    ProbeKind(int number) {
        this.number = number;
    }

    /** Returns its number in the protocol. */
    int number() {
        return number;
    }
}
