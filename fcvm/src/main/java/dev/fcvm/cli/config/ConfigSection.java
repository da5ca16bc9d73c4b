package dev.fcvm.cli.config;

import dev.fcvm.settings.Key;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The section of one command: a key for each of its flags that is no setting.
 *
 * @param name the command's words, with hyphens between them
 * @param options its flags, by name
 */
public record ConfigSection(String name, List<OptionSpec> options) {

    private static final Set<String> NOT_KEPT = Set.of("--help", "--network");

    private static final Set<String> SETTINGS =
            Arrays.stream(Key.values()).map(Key::flag).collect(Collectors.toUnmodifiableSet());

    public ConfigSection {
        options = List.copyOf(options);
    }

    /** Returns that of a command. */
    public static ConfigSection of(String name, CommandSpec command) {
        List<OptionSpec> options = command.options().stream()
                .filter(option -> !option.hidden())
                .filter(option -> !NOT_KEPT.contains(option.longestName()) && !SETTINGS.contains(option.longestName()))
                .sorted((one, other) -> key(one).compareTo(key(other)))
                .toList();
        return new ConfigSection(name, options);
    }

    /** Returns the key of a flag. */
    public static String key(OptionSpec option) {
        return option.longestName().replaceFirst("^-+", "");
    }

    /** Returns the flag of this key. */
    public Optional<OptionSpec> find(String key) {
        return options.stream()
                .filter(option -> Arrays.asList(option.names()).contains("--" + key))
                .findFirst();
    }

    /** Returns whether a flag stands for true or false. */
    public static boolean isTruth(OptionSpec option) {
        return option.typeInfo().isBoolean() || option.paramLabel().equals("BOOL");
    }

    /** Returns whether a flag may be given several times. */
    public static boolean isList(OptionSpec option) {
        return option.isMultiValue() || Boolean.TRUE.equals(option.userObject());
    }
}
