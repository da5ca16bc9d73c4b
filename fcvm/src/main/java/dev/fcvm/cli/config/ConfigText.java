package dev.fcvm.cli.config;

import dev.fcvm.settings.Key;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.OptionSpec;

/** The example of a configuration file, and its JSON schema: all there is, by the commands' own descriptions. */
public final class ConfigText {

    private static final int WIDTH = 116;

    private ConfigText() {}

    /** Returns the example: every line of it a comment. */
    public static String example(Map<String, ConfigSection> sections) {
        var text = new StringBuilder("""
                # fcvm's configuration. Copy it to ~/.config/fcvm/fcvm.yml ($XDG_CONFIG_HOME/fcvm/fcvm.yml), or for all users to
                # /etc/fcvm/fcvm.yml, and take the # away from what is to hold. FCVM_CONFIG=FILE reads that file and no other.
                #
                # What stands first wins: flags, the environment, .env, the user's file, the system's file, the default.
                # fcvm config show --origin tells what holds, and where it is set. This text: fcvm config example.

                # ---- settings ------------------------------------------------------------------------------------------
                """);
        for (Key key : Key.values()) {
            comment(text, "# ", key.description() + " Default: " + key.standard() + ". [" + key.variable() + "]");
            text.append('#')
                    .append(key.word())
                    .append(": ")
                    .append(quoted(key.label()))
                    .append('\n');
        }
        text.append(
                "\n# ---- flags: what holds for a command when the flag is not given ---------------------------------------\n");
        for (ConfigSection section : sections.values()) {
            if (section.options().isEmpty()) {
                continue;
            }
            text.append("\n#").append(section.name()).append(":\n");
            for (OptionSpec option : section.options()) {
                comment(text, "#  # ", String.join(" ", option.description()));
                text.append("#  ")
                        .append(ConfigSection.key(option))
                        .append(": ")
                        .append(sample(option))
                        .append('\n');
            }
        }
        return text.toString();
    }

    private static String sample(OptionSpec option) {
        if (ConfigSection.isTruth(option)) {
            return "true";
        }
        String value = quoted(option.paramLabel());
        return ConfigSection.isList(option) ? "[" + value + "]" : value;
    }

    private static String quoted(String label) {
        return "'" + label.replace("'", "''") + "'";
    }

    private static void comment(StringBuilder text, String margin, String words) {
        var line = new StringBuilder(margin);
        for (String word : words.split(" ", -1)) {
            if (line.length() + word.length() + 1 > WIDTH && line.length() > margin.length()) {
                text.append(line.toString().stripTrailing()).append('\n');
                line = new StringBuilder(margin);
            }
            line.append(word).append(' ');
        }
        text.append(line.toString().stripTrailing()).append('\n');
    }

    /** Returns the schema, for editors that complete and check. */
    public static String schema(Map<String, ConfigSection> sections) {
        List<String> properties = new ArrayList<>();
        for (Key key : Key.values()) {
            String words = key.label().contains("|")
                    ? "\"enum\": ["
                            + String.join(
                                    ", ",
                                    Arrays.stream(key.label().split("\\|"))
                                            .map(ConfigText::json)
                                            .toList())
                            + "]"
                    : "\"type\": [\"string\", \"number\"]";
            properties.add(
                    "    %s: { \"description\": %s, %s }".formatted(json(key.word()), json(key.description()), words));
        }
        for (ConfigSection section : sections.values()) {
            if (!section.options().isEmpty()) {
                properties.add(schema(section));
            }
        }
        return """
                {
                  "$schema": "https://json-schema.org/draft/2020-12/schema",
                  "$id": "https://fcvm.dev/config.schema.json",
                  "title": "fcvm's configuration file",
                  "type": ["object", "null"],
                  "additionalProperties": false,
                  "properties": {
                %s
                  }
                }
                """.formatted(String.join(",\n", properties));
    }

    private static String schema(ConfigSection section) {
        List<String> flags = section.options().stream()
                .map(option -> "        %s: { \"description\": %s, %s }"
                        .formatted(
                                json(ConfigSection.key(option)),
                                json(String.join(" ", option.description())),
                                type(option)))
                .toList();
        return """
                    %s: {
                      "description": %s,
                      "type": ["object", "null"],
                      "additionalProperties": false,
                      "properties": {
                %s
                      }
                    }""".formatted(
                        json(section.name()),
                        json("Flags of fcvm " + section.name().replace('-', ' ')),
                        String.join(",\n", flags));
    }

    private static String type(OptionSpec option) {
        if (ConfigSection.isTruth(option)) {
            return "\"type\": [\"boolean\", \"null\"]";
        }
        return ConfigSection.isList(option)
                ? "\"type\": [\"string\", \"number\", \"array\", \"null\"], \"items\": { \"type\": [\"string\", \"number\"] }"
                : "\"type\": [\"string\", \"number\", \"null\"]";
    }

    private static String json(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
