package dev.fcvm.cli.config;

import dev.fcvm.settings.file.ConfigFiles;
import dev.fcvm.settings.file.ConfigValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import picocli.CommandLine.Model.OptionSpec;

/** Turns a section of the configuration files into the words that would stand on a command line. */
public final class ConfigArguments {

    private ConfigArguments() {}

    /**
     * Returns the words for the flags that were not given: what stands on the command line replaces what stands in a file.
     *
     * @param given whether a flag, by its name, was given
     */
    public static List<String> of(ConfigFiles config, ConfigSection section, Predicate<String> given) {
        List<String> words = new ArrayList<>();
        for (OptionSpec option : section.options()) {
            if (Arrays.stream(option.names()).noneMatch(given)) {
                value(config, section, option)
                        .ifPresent(value -> value.texts()
                                .forEach(text -> words.add(option.longestName() + "=" + truth(option, text))));
            }
        }
        return words;
    }

    /** Returns the value of a flag, by whichever of its names. */
    static Optional<ConfigValue> value(ConfigFiles config, ConfigSection section, OptionSpec option) {
        return Arrays.stream(option.names())
                .filter(name -> name.startsWith("--"))
                .map(name -> config.flag(section.name(), name.substring(2)))
                .flatMap(Optional::stream)
                .findFirst();
    }

    /** YAML has other words for it: True, TRUE. */
    private static String truth(OptionSpec option, String text) {
        return ConfigSection.isTruth(option) ? String.valueOf(Boolean.parseBoolean(text)) : text;
    }
}
