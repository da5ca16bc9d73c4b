package dev.fcvm.cli;

import dev.fcvm.host.text.RawText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The command line as the launcher hands it over: through a pipe, since every user of the host can read a process's
 * arguments. Each argument is a netstring: its length in bytes, a colon, its bytes, a comma.
 */
final class HandedArguments {

    /** The property by which the launcher names the pipe. */
    private static final String PROPERTY = "fcvm.arguments";

    private HandedArguments() {}

    /** Returns the arguments the launcher handed over; without the launcher, those Java was given. */
    static String[] orElse(String... given) {
        String pipe = System.getProperty(PROPERTY);
        if (pipe == null) {
            return given;
        }
        try {
            return decode(Files.readAllBytes(Path.of(pipe)));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the command line from " + pipe + "; is /proc mounted?", e);
        }
    }

    /** Reads netstrings of UTF-8, whatever the locale: so they go to the guest. What follows the last is a line's end. */
    static String[] decode(byte[] bytes) {
        List<String> arguments = new ArrayList<>();
        int at = 0;
        while (at < bytes.length && bytes[at] != '\n') {
            int length = 0;
            for (; bytes[at] != ':'; at++) {
                length = length * 10 + Character.digit(bytes[at], 10);
            }
            arguments.add(RawText.decode(ByteBuffer.wrap(bytes, at + 1, length)));
            at += length + 2;
        }
        return arguments.toArray(new String[0]);
    }
}
