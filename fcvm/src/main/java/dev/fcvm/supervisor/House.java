package dev.fcvm.supervisor;

import dev.fcvm.command.CommandContext;

/** What a client needs of the process that it is served by. */
interface House {

    /** Returns whether a launcher with this digest is of the same distribution. */
    boolean isOf(String digest);

    /** Another distribution's launcher is here: returns what becomes of its request. */
    Verdict replace();

    /** Returns what becomes of a request. */
    Verdict judge(Request request, CommandContext context);

    /** A command begins. */
    void commandBegins();

    /** A command has ended. */
    void commandEnded();

    /** A client has left. */
    void left(Client client);
}
