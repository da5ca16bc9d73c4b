package dev.fcvm.guest.system;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** The agent's log: one bounded line an event, on the machine's console. */
public final class Console {

    private static final int MAX_LENGTH = 240;

    private final OutputStream out;

    public Console(OutputStream out) {
        this.out = out;
    }

    /** The console as PID 1 hands it to the agent: standard error. */
    public static Console standard() {
        return new Console(new FileOutputStream(FileDescriptor.err));
    }

    /** Writes one line; control characters become blanks, and what is too long is left out. */
    public void log(String event) {
        var line = new StringBuilder("fc-agent: ");
        line.append(oneLine(event)).append('\n');
        try {
            out.write(line.toString().getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // A console that is gone is the one thing that cannot be reported.
        }
    }

    /** Returns text as one line of bounded length. */
    public static String oneLine(String text) {
        var line = new StringBuilder();
        for (int i = 0; i < text.length() && i < MAX_LENGTH; i++) {
            char c = text.charAt(i);
            line.append(Character.isISOControl(c) ? ' ' : c);
        }
        return line.toString();
    }

    /** Returns what went wrong, for people: an exception's message, or its kind where it has none. */
    public static String reason(Throwable failure) {
        String message = failure.getMessage();
        return message == null || message.isEmpty() ? failure.getClass().getSimpleName() : message;
    }
}
