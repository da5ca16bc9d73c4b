package dev.fcvm.host.text;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * Paths of files whose names are no UTF-8. Java's paths hold bytes, but take and show only what the locale has a character
 * for; by a URI each byte gets in and out.
 */
public final class RawPaths {

    private static final Path ROOT = Path.of("/");

    private RawPaths() {}

    /**
     * Returns the path of a file.
     *
     * @param directory what a path that is not absolute is below; absolute itself
     * @param text as {@link RawText} has it
     * @throws InvalidPathException when there is a NUL in it
     */
    public static Path resolve(Path directory, String text) {
        if (!RawText.isRaw(text)) {
            return directory.resolve(text);
        }
        if (text.indexOf('\0') >= 0) {
            throw new InvalidPathException(RawText.replaced(text), "there is a NUL in it");
        }
        var uri = new StringBuilder("file:///");
        for (byte each : RawText.encode(text)) {
            uri.append('%').append(HexFormat.of().withUpperCase().toHexDigits(each));
        }
        Path path = Path.of(URI.create(uri.toString()));
        return text.startsWith("/") ? path : directory.resolve(ROOT.relativize(path));
    }

    /** Returns the path as text, each byte of it kept, as {@link RawText} has it. */
    public static String text(Path path) {
        String shown = path.toString();
        // What Java has no character for it shows with this one.
        return shown.indexOf('\ufffd') < 0 || !path.isAbsolute() ? shown : raw(path);
    }

    private static String raw(Path path) {
        var bytes = new ByteArrayOutputStream();
        String encoded = path.toUri().getRawPath();
        for (int at = 0; at < encoded.length(); at++) {
            if (encoded.charAt(at) == '%') {
                bytes.write(HexFormat.fromHexDigits(encoded, at + 1, at + 3));
                at += 2;
            } else {
                bytes.writeBytes(encoded.substring(at, at + 1).getBytes(StandardCharsets.US_ASCII));
            }
        }
        // A directory's has a slash at its end.
        String text = RawText.decode(ByteBuffer.wrap(bytes.toByteArray()));
        return text.length() > 1 && text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }

    /**
     * Returns the directory a process works in.
     *
     * @param process its number
     * @param otherwise what is taken when it cannot be told
     */
    public static Path workingDirectory(long process, Path otherwise) {
        try {
            Path target = Files.readSymbolicLink(Path.of("/proc", Long.toString(process), "cwd"));
            return target.isAbsolute() ? target : otherwise;
        } catch (IOException unreadable) {
            return otherwise;
        }
    }
}
