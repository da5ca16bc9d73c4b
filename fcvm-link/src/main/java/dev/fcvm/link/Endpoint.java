package dev.fcvm.link;

/** What a session needs of the side that runs its connection. */
interface Endpoint {

    /** Has the streams pumped soon, by a thread that may block: called by the one that reads, which may not. */
    void pumpLater();

    /** Hears that a session has ended. Does not block. */
    void ended(Session session);
}
