package dev.fcvm.settings;

import dev.fcvm.error.FcvmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The {@code .env} file, read as the scripts read it: {@code NAME=VALUE} a line, without a shell, so nothing is expanded
 * or run; quotes around the whole value are taken off, and lines that begin with {@code #} are comments.
 *
 * @param file where it lies
 * @param values each variable with its value and line number
 */
record EnvFile(Path file, Map<String, Entry> values) {

    private static final Pattern LINE = Pattern.compile("([A-Za-z_][A-Za-z0-9_]*)=(.*)");

    /** A value and the number of the line it stands on. */
    record Entry(String value, int line) {}

    /** Reads the file; one that is not there is an empty one. Lines that are no assignment become problems. */
    static EnvFile read(Path file, Problems problems) throws FcvmException {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (NoSuchFileException absent) {
            return new EnvFile(file, Map.of());
        } catch (IOException unreadable) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE,
                    "cannot read " + file + ": " + unreadable.getMessage() + "; mend its permissions or its text",
                    unreadable);
        }
        return parse(file, lines, problems);
    }

    /** The same for lines already read. */
    static EnvFile parse(Path file, List<String> lines, Problems problems) {
        var values = new LinkedHashMap<String, Entry>();
        for (int index = 0; index < lines.size(); index++) {
            String line = lines.get(index).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            Matcher assignment = LINE.matcher(line);
            if (!assignment.matches()) {
                problems.add(file + ":" + (index + 1) + " is not NAME=VALUE: " + line);
                continue;
            }
            values.put(assignment.group(1), new Entry(unquoted(assignment.group(2)), index + 1));
        }
        return new EnvFile(file, values);
    }

    private static String unquoted(String text) {
        boolean quoted = text.length() >= 2
                && ((text.startsWith("'") && text.endsWith("'")) || (text.startsWith("\"") && text.endsWith("\"")));
        return quoted ? text.substring(1, text.length() - 1) : text;
    }
}
