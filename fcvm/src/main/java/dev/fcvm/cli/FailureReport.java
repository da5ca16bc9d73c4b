package dev.fcvm.cli;

import dev.fcvm.command.CommandContext;
import dev.fcvm.error.Besides;
import dev.fcvm.error.BrokenPipe;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.text.RawText;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.InvalidPathException;
import java.util.Objects;

/** Tells the user why a command failed, in one line, and what failed besides, in one more each. */
final class FailureReport {

    /** That of a program that SIGPIPE has ended, as Podman is when nobody reads its output any more. */
    private static final int UNREAD = 128 + 13;

    private FailureReport() {}

    /**
     * Tells it.
     *
     * @param debug whether the trace is shown as well
     * @return the command's exit code
     */
    static int tell(Throwable failure, boolean debug, CommandContext context) {
        if (failure instanceof CommandContext.NobodyReads unread && BrokenPipe.isBehind(unread.why())) {
            return UNREAD; // as behind | head: nothing is wrong, and nobody is there to hear of it
        }
        try {
            return told(failure, debug, context);
        } catch (CommandContext.NobodyReads nowhere) {
            return Program.FAILED;
        }
    }

    private static int told(Throwable failure, boolean debug, CommandContext context) {
        int code = Program.FAILED;
        String message;
        switch (failure) {
            case FcvmException expected -> {
                message = String.valueOf(expected.getMessage());
                code = expected.kind().exitCode();
            }
            case InterruptedException _ -> message = "interrupted";
            case InvalidPathException wrong ->
                message = "\"" + RawText.replaced(wrong.getInput()) + "\" is no path: " + reason(wrong);
            case UncheckedIOException unexpected -> message = reason(unexpected);
            default -> message = "this is a defect of fcvm: " + failure + "; run it with --debug and report the trace";
        }
        context.complain("Error: " + message);
        Besides.of(failure).forEach(line -> context.complain("fcvm: " + line));
        if (debug) {
            context.complain(trace(failure));
        }
        return code;
    }

    private static String reason(InvalidPathException wrong) {
        return RawText.isRaw(wrong.getInput()) ? "a name in UTF-8 is needed there" : wrong.getReason();
    }

    private static String reason(UncheckedIOException failure) {
        IOException cause = Objects.requireNonNull(failure.getCause());
        String message = String.valueOf(failure.getMessage());
        return message.contains(cause.toString()) ? message : message + ": " + IoReason.of(cause);
    }

    private static String trace(Throwable failure) {
        var text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text, true));
        return text.toString();
    }
}
