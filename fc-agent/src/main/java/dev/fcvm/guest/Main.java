package dev.fcvm.guest;

import dev.fcvm.guest.system.AgentException;
import dev.fcvm.guest.system.Console;
import dev.fcvm.guest.system.GuestFiles;

/** Starts the agent. */
public final class Main {

    private Main() {}

    /**
     * Runs until the machine ends.
     *
     * @param arguments none; or {@code --train}, to go through everything once for the AOT cache and end
     */
    public static void main(String[] arguments) throws Exception {
        var console = Console.standard();
        if (arguments.length == 1 && arguments[0].equals("--train")) {
            Training.run(console);
            return;
        }
        if (arguments.length > 0) {
            console.log("unknown argument " + arguments[0]);
            System.exit(2);
        }
        try {
            new Agent(GuestFiles.ofGuest(), console).run();
        } catch (AgentException e) {
            console.log(Console.reason(e));
            System.exit(1);
        }
    }
}
