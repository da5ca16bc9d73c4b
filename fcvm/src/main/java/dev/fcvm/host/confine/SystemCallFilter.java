package dev.fcvm.host.confine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * The program {@code fcvm-filter} of the distribution, which lets another make the system calls of a small server and no
 * others ({@code launcher/filter/filter.c}). It is written in C: a distribution that was built where there is no compiler
 * has none.
 */
public final class SystemCallFilter {

    private static final String NAME = "fcvm-filter";

    private SystemCallFilter() {}

    /**
     * Returns the program, where there is one. It lies beside the Java that runs this, which no environment can change:
     * a Java that is not the distribution's has none beside it.
     */
    public static Optional<Path> program() {
        return Optional.of(Path.of(Objects.requireNonNull(System.getProperty("java.home")))
                        .resolveSibling(NAME))
                .filter(Files::isExecutable);
    }
}
