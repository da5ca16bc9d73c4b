package dev.fcvm.host.kept;

import dev.fcvm.host.text.ConsoleText;
import dev.fcvm.host.text.PrintableText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The files of a kept process.
 *
 * @param directory a directory that is its alone; whoever owns it deletes it when the process has ended
 * @param output what it has said on standard output, its last part
 * @param limit the most that is kept of that, in bytes: in the file, and in the one of the same name with ".1" behind
 */
public record KeptFiles(Path directory, Path output, int limit) {

    private static final int LINE_LIMIT = 500;

    Path script() {
        return directory.resolve("keep.sh");
    }

    Path said() {
        return directory.resolve("said.last");
    }

    Path pid() {
        return directory.resolve("pid");
    }

    Path exit() {
        return directory.resolve("exit");
    }

    /** Returns the last line that it said on standard error, harmless; whole once it has ended. */
    public String lastWords() {
        try {
            return ConsoleText.clean(Files.readAllBytes(said()))
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .reduce((first, second) -> second)
                    .map(line -> PrintableText.line(line, LINE_LIMIT))
                    .orElse("");
        } catch (NoSuchFileException none) {
            return "";
        } catch (IOException e) {
            return "(cannot read what it said last: %s)".formatted(e.getMessage());
        }
    }

    /** Returns its exit code, 128+N for signal N; nothing when nobody has seen it end. */
    public OptionalInt exitCode() {
        OptionalLong code = number(exit());
        return code.isPresent() ? OptionalInt.of(Math.clamp(code.getAsLong(), 0, 255)) : OptionalInt.empty();
    }

    /** Returns the number in a file of the shell's; nothing before its line is whole. */
    static OptionalLong number(Path file) {
        if (!Files.exists(file)) {
            return OptionalLong.empty(); // who waits for it asks often, and an exception takes longer
        }
        try {
            String text = Files.readString(file);
            return text.endsWith("\n") ? OptionalLong.of(Long.parseLong(text.strip())) : OptionalLong.empty();
        } catch (IOException | NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}
