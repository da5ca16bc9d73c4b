package dev.fcvm.net.uplink;

import dev.fcvm.host.text.LastWords;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Collectors;

/**
 * What a helper says on standard error: a file, since a pipe would tie it to the process that started it, whose end it is
 * to outlive. A guest can make a helper talk, so the helper is started with a limit on the size of its files ({@link
 * #SIZE}), and what is beyond that is lost.
 *
 * @param file where it is; written anew with each start
 */
public record HelperLog(Path file) {

    /** How long the file gets at most, in bytes. */
    public static final int SIZE = 64 << 10;

    /**
     * What a shell does before it becomes the helper: writing more than {@link #SIZE} to a file fails then, and does not
     * end the helper. {@code ulimit -f} counts blocks of 512 bytes.
     */
    public static final String LIMIT = "trap '' XFSZ; ulimit -f " + SIZE / 512;

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** Returns where the helper's standard error goes. */
    public Redirect redirect() {
        return Redirect.to(file.toFile());
    }

    /** Tells whether it has said this, in one piece. */
    public boolean contains(String words) {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(SIZE), StandardCharsets.ISO_8859_1).contains(words);
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Returns the last line that says something, fit to be shown, or an empty text. */
    public String line() throws InterruptedException {
        return lineBefore("");
    }

    /**
     * Returns the same without lines that end with these words.
     *
     * @param words what says nothing; an empty text for all lines
     */
    public String lineBefore(String words) throws InterruptedException {
        LastWords said = new LastWords();
        try {
            String text = Files.readString(file, StandardCharsets.ISO_8859_1);
            String kept = text.lines()
                    .filter(line -> words.isEmpty() || !line.endsWith(words))
                    .collect(Collectors.joining("\n"));
            said.drain(new ByteArrayInputStream(kept.getBytes(StandardCharsets.ISO_8859_1)));
        } catch (IOException nothing) {
            return "";
        }
        said.awaitEnd(PATIENCE);
        return said.line();
    }
}
