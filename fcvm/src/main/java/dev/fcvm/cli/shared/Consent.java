package dev.fcvm.cli.shared;

import dev.fcvm.command.CommandContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Locale;

/** A question that is answered by yes or no. */
public final class Consent {

    private static final int LONGEST_ANSWER = 100;

    private Consent() {}

    /**
     * Asks it, on standard error, and reads a line of standard input.
     *
     * @param question what is about to be done
     * @return whether the answer is yes
     */
    public static boolean given(CommandContext context, String question) {
        context.hint(question + " Are you sure? [y/N] ");
        StringBuilder answer = new StringBuilder();
        ByteBuffer one = ByteBuffer.allocate(1);
        try (ReadableByteChannel input = context.input()) {
            while (input.read(one.clear()) > 0 && one.get(0) != '\n' && answer.length() < LONGEST_ANSWER) {
                answer.append((char) one.get(0));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the answer", e);
        }
        String word = answer.toString().strip().toLowerCase(Locale.ROOT);
        return word.equals("y") || word.equals("yes");
    }
}
