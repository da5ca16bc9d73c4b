package dev.fcvm.cli.lifecycle;

import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import io.avaje.jsonb.Jsonb;

/** Prints a document as a {@code --format} says. */
public final class Formatted {

    private Formatted() {}

    /**
     * Prints it.
     *
     * @param format {@code json}, or a template
     * @param document maps, lists, texts, numbers and booleans
     */
    public static void print(CommandContext context, String format, Object document) throws FcvmException {
        if (format.equals("json")) {
            context.printJson(Jsonb.instance().type(Object.class).toJson(document));
        } else {
            context.print(Template.parse(format).show(document));
        }
    }
}
