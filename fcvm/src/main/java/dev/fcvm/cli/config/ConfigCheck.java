package dev.fcvm.cli.config;

import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.podman.RunFlags;
import dev.fcvm.settings.Key;
import dev.fcvm.settings.SettingsReader;
import dev.fcvm.settings.file.ConfigFile;
import dev.fcvm.settings.file.ConfigFiles;
import dev.fcvm.settings.file.ConfigValue;
import dev.fcvm.settings.file.ConfigValue.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.OptionSpec;

/** Judges configuration files: everything that is wrong is told at once, with file, line and column. */
public final class ConfigCheck {

    private static final Set<String> SETTINGS =
            Arrays.stream(Key.values()).map(Key::word).collect(Collectors.toUnmodifiableSet());

    /** File, line and column, as all problems name them somewhere. */
    private static final Pattern PLACE = Pattern.compile("/[^ ]*:\\d+:\\d+");

    private static final Set<Class<?>> WHOLE = Set.of(int.class, Integer.class, long.class, Long.class);

    private final Map<String, ConfigSection> sections;
    private final List<String> known;
    private final List<String> problems = new ArrayList<>();

    private ConfigCheck(Map<String, ConfigSection> sections, List<String> known) {
        this.sections = sections;
        this.known = known;
    }

    /**
     * Judges them.
     *
     * @param sections the sections whose flags are judged
     * @param known the names of all sections
     * @throws FcvmException with everything that is wrong
     */
    public static void check(ConfigFiles config, Map<String, ConfigSection> sections, List<String> known)
            throws FcvmException {
        var check = new ConfigCheck(sections, known);
        config.files().forEach(check::file);
        check.settings(config);
        if (!check.problems.isEmpty()) {
            throw new FcvmException(FcvmException.Kind.USAGE, String.join("\n       ", check.problems));
        }
    }

    /** What was told of a place already is not told again. */
    private void settings(ConfigFiles config) {
        List<String> told = List.copyOf(problems);
        SettingsReader.problems(config).stream()
                .filter(problem -> told.stream().noneMatch(other -> place(other).equals(place(problem))))
                .forEach(problems::add);
    }

    private static String place(String problem) {
        Matcher place = PLACE.matcher(problem);
        return place.find() ? place.group() : problem;
    }

    private void file(ConfigFile file) {
        problems.addAll(file.problems());
        file.settings().forEach((key, value) -> {
            if (!SETTINGS.contains(key)
                    && !(known.contains(key) && value.texts().isEmpty())) {
                problems.add(value.where() + ": there is no setting " + key + "; see fcvm config example");
            } else if (value.kind() == Kind.TRUTH
                    || (value.kind() == Kind.LIST && !value.texts().isEmpty())) {
                problems.add(value.where() + ": " + key + " must be a text, such as in fcvm config example");
            }
        });
        file.sections().forEach((name, values) -> {
            if (!known.contains(name)) {
                values.values().stream()
                        .findFirst()
                        .ifPresent(value -> problems.add(value.where() + ": the section " + name
                                + " is none: there is no such command; see fcvm config example"));
            } else if (sections.containsKey(name)) {
                ConfigSection section = sections.get(name);
                values.forEach((key, value) -> flag(section, key, value));
            }
        });
    }

    private void flag(ConfigSection section, String key, ConfigValue value) {
        Optional<OptionSpec> option = section.find(key);
        if (option.isEmpty()) {
            boolean setting = SETTINGS.contains(key);
            problems.add(value.where() + ": fcvm " + section.name().replace('-', ' ')
                    + (setting
                            ? " takes " + key + " from the settings; write it at the top"
                            : " has no flag --" + key + " to set; see fcvm config example"));
            return;
        }
        if (value.texts().isEmpty()) {
            return;
        }
        type(option.get(), value)
                .or(() -> section.name().equals("run") ? unit(key, value) : Optional.empty())
                .ifPresent(problem -> problems.add(value.where() + ": " + key + " " + problem));
    }

    private static Optional<String> type(OptionSpec option, ConfigValue value) {
        if (ConfigSection.isTruth(option)) {
            return value.kind() == Kind.TRUTH ? Optional.empty() : Optional.of("must be true or false");
        }
        if (value.kind() == Kind.TRUTH) {
            return Optional.of("must be a text, not true or false; put it into quotes if that is the text");
        }
        if (value.kind() == Kind.LIST && !ConfigSection.isList(option)) {
            return Optional.of("must be one value, not a list");
        }
        return WHOLE.contains(option.type())
                ? value.texts().stream()
                        .filter(text -> !text.matches("[+-]?[0-9]{1,9}"))
                        .findFirst()
                        .map("is \"%s\": it must be a whole number"::formatted)
                : Optional.empty();
    }

    private static Optional<String> unit(String key, ConfigValue value) {
        RunFlags flags = RunFlags.load();
        return flags.find("--" + key)
                .flatMap(flag -> value.texts().stream()
                        .map(text -> flags.problem(flag, text).map(problem -> "is \"" + text + "\": " + problem))
                        .flatMap(Optional::stream)
                        .findFirst());
    }
}
