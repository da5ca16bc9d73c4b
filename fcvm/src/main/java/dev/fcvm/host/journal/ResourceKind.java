package dev.fcvm.host.journal;

import java.io.IOException;

/**
 * How resources of one kind are read back from a journal.
 *
 * @param name as {@link Resource#kind} gives it
 * @param reader makes the resource; it may carry what the host's settings say, such as where claims lie
 */
public record ResourceKind(String name, Reader reader) {

    /** Makes a resource of what was written down of it. */
    @FunctionalInterface
    public interface Reader {
        /**
         * Makes it. Everything is checked here as if a stranger had written it: what it names is deleted or changed later.
         *
         * @throws IOException when a field is missing or wrong
         */
        Resource read(Fields fields) throws IOException;
    }
}
