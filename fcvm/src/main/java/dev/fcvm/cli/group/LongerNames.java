package dev.fcvm.cli.group;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The names with two words that Podman has for commands: {@code fcvm container run} is {@code fcvm run}. They are one
 * command each, with one description, one section in the files of configuration and one set of flags.
 */
public final class LongerNames {

    /** By the group's name: what is meant, by the word in the group. */
    private static final Map<String, Map<String, List<String>>> GROUPS = Map.of(
            "container", containers(),
            "image", Map.of("inspect", List.of("inspect", "--type=image")),
            "system", Map.of("info", List.of("info"), "events", List.of("events"), "version", List.of("version")));

    private LongerNames() {}

    private static Map<String, List<String>> containers() {
        Map<String, List<String>> names = new TreeMap<>();
        for (String name : List.of(
                "attach", "cp", "create", "diff", "exec", "inspect", "kill", "logs", "ls", "pause", "port", "ps",
                "rename", "restart", "rm", "run", "start", "stats", "stop", "top", "unpause", "wait")) {
            names.put(name, List.of(name));
        }
        names.put("ls", List.of("ps"));
        names.put("list", List.of("ps"));
        names.put("inspect", List.of("inspect", "--type=container"));
        return names;
    }

    /** Returns the words in the group that are other commands' names, in order, for its help. */
    static List<String> of(String group) {
        return GROUPS.getOrDefault(group, Map.of()).keySet().stream().sorted().toList();
    }

    /** Returns a command line with the short name in the place of the long one; any other as it is. */
    public static String[] shortened(String... words) {
        int at = 0;
        while (at < words.length && words[at].startsWith("-")) {
            at++;
        }
        if (at + 1 >= words.length) {
            return words;
        }
        List<String> name = GROUPS.getOrDefault(words[at], Map.of()).get(words[at + 1]);
        if (name == null) {
            return words;
        }
        List<String> shorter = new ArrayList<>(Arrays.asList(words));
        shorter.remove(at);
        shorter.remove(at);
        shorter.addAll(at, name);
        return shorter.toArray(String[]::new);
    }
}
