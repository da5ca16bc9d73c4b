package dev.fcvm.settings.file;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/**
 * One configuration file: settings at the top, and a section for each command with defaults of its flags.
 *
 * @param path where it lies
 * @param settings the values at the top, by their keys
 * @param sections the values below a key of the top, by both keys
 * @param problems what is wrong with its form, each with file, line and column
 */
public record ConfigFile(
        Path path,
        Map<String, ConfigValue> settings,
        Map<String, Map<String, ConfigValue>> sections,
        List<String> problems) {

    /** No configuration is longer. */
    private static final int LONGEST = 1 << 20;

    public ConfigFile {
        problems = List.copyOf(problems);
    }

    /** Reads a file. What is wrong with it is among its problems. */
    static ConfigFile read(Path path) {
        if (!Files.isRegularFile(path)) { // a pipe would be waited for
            return broken(path, path + " is no file; remove it");
        }
        try {
            return Files.size(path) > LONGEST
                    ? broken(path, path + " is larger than 1 MiB; no configuration is")
                    : parse(path, Files.readString(path));
        } catch (CharacterCodingException notText) {
            return broken(path, path + " is no text in UTF-8; mend it or remove it");
        } catch (IOException unreadable) {
            return broken(path, "cannot read " + path + ": " + unreadable.getMessage() + "; mend its permissions");
        }
    }

    /** The same for a text. */
    static ConfigFile parse(Path path, String text) {
        LoadSettings settings = LoadSettings.builder()
                .setLabel(path.toString())
                .setCodePointLimit(LONGEST)
                .build();
        try {
            // What Compose does, which the library's module keeps to itself.
            var parser = new ParserImpl(settings, new StreamReader(settings, text));
            Optional<Node> root = new Composer(settings, parser).getSingleNode();
            var reading = new Reading(path);
            root.filter(node -> !isNothing(node)).ifPresent(reading::top);
            return new ConfigFile(path, reading.settings, reading.sections, reading.problems);
        } catch (MarkedYamlEngineException malformed) {
            String problem = malformed.getProblem().replace('\n', ' ');
            return broken(path, where(path, malformed.getProblemMark()) + ": no YAML: " + problem);
        } catch (YamlEngineException malformed) {
            return broken(
                    path,
                    path + ": no YAML: "
                            + String.valueOf(malformed.getMessage()).replace('\n', ' '));
        }
    }

    private static ConfigFile broken(Path path, String problem) {
        return new ConfigFile(path, Map.of(), Map.of(), List.of(problem));
    }

    private static boolean isNothing(Node node) {
        return node.getTag().equals(Tag.NULL);
    }

    private static String where(Path path, Optional<Mark> mark) {
        return mark.map(at -> path + ":" + (at.getLine() + 1) + ":" + (at.getColumn() + 1))
                .orElse(path.toString());
    }

    /** What is collected while a file is read. */
    private static final class Reading {

        private final Path path;
        private final Map<String, ConfigValue> settings = new LinkedHashMap<>();
        private final Map<String, Map<String, ConfigValue>> sections = new LinkedHashMap<>();
        private final List<String> problems = new ArrayList<>();

        Reading(Path path) {
            this.path = path;
        }

        void top(Node node) {
            if (!(node instanceof MappingNode mapping)) {
                problems.add(where(node) + ": must be keys with values, such as mode: rootless");
                return;
            }
            for (NodeTuple pair : mapping.getValue()) {
                String key = key(pair.getKeyNode());
                if (settings.containsKey(key) || sections.containsKey(key)) {
                    problems.add(where(pair.getKeyNode()) + ": " + key + " is there twice");
                } else if (pair.getValueNode() instanceof MappingNode section) {
                    sections.put(key, section(section));
                } else {
                    put(settings, key, pair);
                }
            }
        }

        private Map<String, ConfigValue> section(MappingNode section) {
            Map<String, ConfigValue> values = new LinkedHashMap<>();
            for (NodeTuple pair : section.getValue()) {
                String key = key(pair.getKeyNode());
                if (values.containsKey(key)) {
                    problems.add(where(pair.getKeyNode()) + ": " + key + " is there twice");
                } else {
                    put(values, key, pair);
                }
            }
            return values;
        }

        /** A key without a value says nothing, but that there is such a key. */
        private void put(Map<String, ConfigValue> values, String key, NodeTuple pair) {
            Node node = pair.getValueNode();
            String at = where(pair.getKeyNode());
            if (isNothing(node)) {
                values.put(key, new ConfigValue(ConfigValue.Kind.LIST, List.of(), at));
                return;
            }
            switch (node) {
                case ScalarNode scalar ->
                    values.put(key, new ConfigValue(kind(scalar), List.of(scalar.getValue()), where(node)));
                case SequenceNode list -> {
                    List<String> texts = new ArrayList<>();
                    for (Node item : list.getValue()) {
                        if (item instanceof ScalarNode scalar && !isNothing(item)) {
                            texts.add(scalar.getValue());
                        } else {
                            problems.add(where(item) + ": the items of " + key + " must be texts");
                        }
                    }
                    values.put(key, new ConfigValue(ConfigValue.Kind.LIST, texts, where(node)));
                }
                default -> problems.add(where(node) + ": " + key + " must be a value or a list of values");
            }
        }

        private static ConfigValue.Kind kind(ScalarNode scalar) {
            if (scalar.getTag().equals(Tag.BOOL)) {
                return ConfigValue.Kind.TRUTH;
            }
            return scalar.getTag().equals(Tag.INT) || scalar.getTag().equals(Tag.FLOAT)
                    ? ConfigValue.Kind.NUMBER
                    : ConfigValue.Kind.TEXT;
        }

        private String key(Node node) {
            if (node instanceof ScalarNode scalar) {
                return scalar.getValue();
            }
            problems.add(where(node) + ": a key must be a word");
            return "";
        }

        private String where(Node node) {
            return ConfigFile.where(path, node.getStartMark());
        }
    }
}
