package dev.fcvm.cli.shared;

import dev.fcvm.command.CommandContext;
import dev.fcvm.error.BrokenPipe;
import dev.fcvm.error.FcvmException;
import java.io.IOException;
import java.io.OutputStream;

/** Writes a document to standard output; that nobody reads it to its end, as behind {@code | head}, is no failure to tell. */
public final class PipedOutput {

    private PipedOutput() {}

    /** What is written. */
    @FunctionalInterface
    public interface Document {
        /** Writes it. */
        void to(OutputStream out) throws FcvmException, InterruptedException;
    }

    /** Writes it. */
    public static void write(CommandContext context, Document document) throws FcvmException, InterruptedException {
        try {
            document.to(context.output());
        } catch (FcvmException failure) {
            if (failure.getCause() instanceof IOException why && BrokenPipe.isBehind(why)) {
                throw new CommandContext.NobodyReads(why);
            }
            throw failure;
        }
    }
}
