package dev.fcvm.host.journal;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;

/** The fields of a resource as they were written down, checked when they are asked for. */
public record Fields(Map<String, String> values) {

    public Fields {
        values = Map.copyOf(values);
    }

    /**
     * Returns a text.
     *
     * @throws IOException when there is none
     */
    public String text(String name) throws IOException {
        String value = values.get(name);
        if (value == null) {
            throw new IOException("it has no \"" + name + "\"");
        }
        return value;
    }

    /**
     * Returns a text of this form.
     *
     * @param pattern what the whole of it must match
     * @throws IOException when there is none, or it is of another form
     */
    public String matching(String name, String pattern) throws IOException {
        String value = text(name);
        if (!value.matches(pattern)) {
            throw new IOException("its \"%s\" is none: %s".formatted(name, value));
        }
        return value;
    }

    /**
     * Returns an absolute path.
     *
     * @throws IOException when there is none, or it leads back up
     */
    public Path path(String name) throws IOException {
        try {
            Path path = Path.of(text(name));
            if (path.isAbsolute() && path.equals(path.normalize())) {
                return path;
            }
        } catch (InvalidPathException e) {
            throw new IOException("its \"%s\" is no path".formatted(name), e);
        }
        throw new IOException("its \"%s\" is not the path of a file: %s".formatted(name, text(name)));
    }

    /**
     * Returns a whole number.
     *
     * @throws IOException when there is none, or it is not within these bounds, both included
     */
    public long number(String name, long least, long most) throws IOException {
        try {
            long number = Long.parseLong(text(name));
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new IOException("its \"%s\" is no number: %s".formatted(name, text(name)), e);
        }
        throw new IOException("its \"%s\" is not from %d to %d: %s".formatted(name, least, most, text(name)));
    }
}
