package dev.fcvm.cli;

import java.util.Arrays;
import java.util.Optional;

/** Looks at a command line before it is parsed. */
final class CommandWords {

    private CommandWords() {}

    /** Returns the first word that is no flag: the command, since no flag before it takes a value. */
    static Optional<String> first(String... arguments) {
        return Arrays.stream(arguments).filter(word -> !word.startsWith("-")).findFirst();
    }
}
