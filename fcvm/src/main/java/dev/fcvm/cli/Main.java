package dev.fcvm.cli;

import dev.fcvm.command.ProcessContext;
import dev.fcvm.host.process.ProcessExit;

/** Where the program begins and ends. */
public final class Main {

    private Main() {}

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] given) {
        String[] arguments = HandedArguments.orElse(given);
        int code = new Program(ProcessContext.get()).run(arguments);
        if (arguments.length > 0 && arguments[0].equals("run")) {
            // Threads may be blocked in the kernel, for which an orderly exit would wait.
            ProcessExit.now(code);
        }
        System.exit(code);
    }
}
