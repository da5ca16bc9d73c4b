package dev.fcvm.cli.host;

import dev.fcvm.cli.config.ConfigCheck;
import dev.fcvm.cli.config.ConfigSection;
import dev.fcvm.cli.config.ConfigText;
import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.settings.Key;
import dev.fcvm.settings.SettingsReader;
import dev.fcvm.settings.file.ConfigFiles;
import dev.fcvm.settings.file.ConfigValue;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code fcvm config}: what is set, and what may be. */
@Command(
        name = "config",
        header = "Show the settings, and what may be set.",
        description =
                "Settings and defaults of flags come from flags, the environment, .env, ~/.config/fcvm/fcvm.yml and"
                        + " /etc/fcvm/fcvm.yml; what comes first here wins.")
public final class ConfigCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything else
    CommandSpec spec;

    @Mixin
    CommonFlags common = new CommonFlags();

    private ConfigCommand() {}

    /**
     * Makes the command with its subcommands.
     *
     * @param sections the sections of all commands
     */
    public static CommandLine in(CommandContext context, Supplier<Map<String, ConfigSection>> sections) {
        return new CommandLine(new ConfigCommand())
                .addSubcommand("show", new Show(context, sections))
                .addSubcommand("example", new Example(context, sections))
                .addSubcommand("schema", new Schema(context, sections));
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "no command was given");
    }

    /** {@code fcvm config show}. */
    @Command(name = "show", header = "Show what holds when no flag is given, as a configuration file.")
    static final class Show implements Callable<Integer> {

        private final CommandContext context;
        private final Supplier<Map<String, ConfigSection>> sections;

        @Option(names = "--origin", description = "Say of each value where it is set.")
        boolean origin;

        @Mixin
        CommonFlags common = new CommonFlags();

        Show(CommandContext context, Supplier<Map<String, ConfigSection>> sections) {
            this.context = context;
            this.sections = sections;
        }

        @Override
        public Integer call() throws FcvmException {
            ConfigFiles config = SettingsReader.configuration(context.environment(), context.directory());
            Map<String, ConfigSection> all = sections.get();
            ConfigCheck.check(config, all, List.copyOf(all.keySet()));
            Map<Key, SettingsReader.Found> set =
                    SettingsReader.origins(Map.of(), context.environment(), context.directory());
            for (Key key : Key.values()) {
                SettingsReader.Found found = set.get(key);
                if (found == null) {
                    context.print("#" + key.word() + ":" + (origin ? "  # default: " + key.standard() : ""));
                } else {
                    context.print(line("", key.word(), quoted(found.value()), found.where()));
                }
            }
            all.values().forEach(section -> show(config, section));
            return 0;
        }

        private void show(ConfigFiles config, ConfigSection section) {
            boolean headed = false;
            for (var option : section.options()) {
                var value = config.flag(section.name(), ConfigSection.key(option));
                if (value.isPresent()) {
                    if (!headed) {
                        context.print(section.name() + ":");
                        headed = true;
                    }
                    context.print(line(
                            "  ",
                            ConfigSection.key(option),
                            text(value.get()),
                            value.get().where()));
                }
            }
        }

        private String line(String margin, String key, String value, String where) {
            return margin + key + ": " + value + (origin ? "  # " + where : "");
        }

        private static String text(ConfigValue value) {
            return switch (value.kind()) {
                case TRUTH, NUMBER -> value.text();
                case TEXT -> quoted(value.text());
                case LIST ->
                    "["
                            + String.join(
                                    ", ",
                                    value.texts().stream().map(Show::quoted).toList()) + "]";
            };
        }

        private static String quoted(String text) {
            return "'" + text.replace("'", "''") + "'";
        }
    }

    /** {@code fcvm config example}. */
    @Command(name = "example", header = "Print a configuration file with all that may be set, as comments.")
    static final class Example implements Callable<Integer> {

        private final CommandContext context;
        private final Supplier<Map<String, ConfigSection>> sections;

        @Mixin
        CommonFlags common = new CommonFlags();

        Example(CommandContext context, Supplier<Map<String, ConfigSection>> sections) {
            this.context = context;
            this.sections = sections;
        }

        @Override
        public Integer call() {
            context.print(ConfigText.example(sections.get()).stripTrailing());
            return 0;
        }
    }

    /** {@code fcvm config schema}. */
    @Command(name = "schema", header = "Print the JSON schema of a configuration file.")
    static final class Schema implements Callable<Integer> {

        private final CommandContext context;
        private final Supplier<Map<String, ConfigSection>> sections;

        @Mixin
        CommonFlags common = new CommonFlags();

        Schema(CommandContext context, Supplier<Map<String, ConfigSection>> sections) {
            this.context = context;
            this.sections = sections;
        }

        @Override
        public Integer call() {
            context.print(ConfigText.schema(sections.get()).stripTrailing());
            return 0;
        }
    }
}
