package dev.fcvm.cli;

import dev.fcvm.cli.config.ConfigArguments;
import dev.fcvm.cli.config.ConfigCheck;
import dev.fcvm.cli.config.ConfigSection;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.settings.SettingsReader;
import dev.fcvm.settings.file.ConfigFiles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Command lines as the configuration files complete them. */
final class Configured {

    /** Other names of commands, which have their sections. */
    private static final Map<String, String> ALIASES = Map.of(
            "ls", "ps",
            "image-ls", "images",
            "image-pull", "pull",
            "image-rm", "rmi",
            "image-list", "images",
            "image-load", "load",
            "image-tag", "tag",
            "image-untag", "untag");

    private static final String SHOW = "config-show";

    private Configured() {}

    /**
     * Returns the words with those of the files before them, where they may be overruled.
     *
     * @param context whose files they are
     * @param describe makes a command line's description
     * @param commands the words of all commands
     */
    static String[] words(
            String[] words, CommandContext context, Function<String[], CommandLine> describe, Set<String> commands)
            throws FcvmException {
        ConfigFiles config = SettingsReader.configuration(context.environment(), context.directory());
        if (config.files().isEmpty()) {
            return words;
        }
        ParseResult parsed;
        try {
            parsed = describe.apply(words).parseArgs(words);
        } catch (ParameterException wrong) {
            return words; // which is told when they are parsed in earnest
        }
        List<String> path = new ArrayList<>();
        while (parsed.hasSubcommand()) {
            parsed = parsed.subcommand();
            path.add(parsed.commandSpec().name());
        }
        String name = canonical(String.join("-", path));
        // Again with all flags: those in a file need not be on the command line.
        CommandLine whole = describe.apply(append(words, "--help"));
        for (String word : path) {
            whole = Objects.requireNonNull(whole.getSubcommands().get(word));
        }
        ConfigSection section = ConfigSection.of(name, whole.getCommandSpec());
        if (!name.equals(SHOW)) { // which judges all of it
            ConfigCheck.check(config, Map.of(name, section), known(commands));
        }
        ParseResult given = parsed;
        List<String> more = ConfigArguments.of(config, section, given::hasMatchedOption);
        return more.isEmpty() ? words : insert(words, path, more);
    }

    private static String[] append(String[] words, String word) {
        String[] longer = Arrays.copyOf(words, words.length + 1);
        longer[words.length] = word;
        return longer;
    }

    private static String[] insert(String[] words, List<String> path, List<String> more) {
        List<String> all = new ArrayList<>(Arrays.asList(words));
        int at = 0;
        for (String word : path) {
            at += all.subList(at, all.size()).indexOf(word) + 1;
        }
        all.addAll(at, more);
        return all.toArray(String[]::new);
    }

    private static String canonical(String name) {
        return ALIASES.getOrDefault(name, name);
    }

    /** A section of a command with subcommands has the first word of both; which there are is seen when one is meant. */
    private static List<String> known(Set<String> commands) {
        return List.copyOf(commands);
    }

    /** Returns the sections of all commands. */
    static Map<String, ConfigSection> sections(Map<String, Supplier<Object>> commands) {
        Map<String, ConfigSection> sections = new TreeMap<>();
        commands.forEach((name, command) -> {
            Object made = command.get();
            CommandLine line = made instanceof CommandLine whole ? whole : new CommandLine(made);
            // Else a ${NAME} in a description is shown with what the caller's environment has.
            line.setInterpolateVariables(false);
            add(sections, name, line);
        });
        return sections;
    }

    private static void add(Map<String, ConfigSection> sections, String name, CommandLine command) {
        if (ALIASES.containsKey(name)) {
            return;
        }
        if (command.getSubcommands().isEmpty()) {
            sections.put(name, ConfigSection.of(name, command.getCommandSpec()));
        }
        Map<String, CommandLine> distinct = command.getSubcommands().entrySet().stream()
                .filter(entry -> entry.getValue().getCommandSpec().name().equals(entry.getKey()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        distinct.forEach((sub, line) -> add(sections, name + "-" + sub, line));
    }
}
