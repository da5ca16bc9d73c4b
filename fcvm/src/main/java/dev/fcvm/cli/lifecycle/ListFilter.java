package dev.fcvm.cli.lifecycle;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Which machines a list shows, by Podman's {@code --filter}: of one key any value will do (of {@code label} all must), of
 * different keys all must.
 *
 * @param wanted the values by their keys
 */
record ListFilter(Map<String, List<String>> wanted) {

    private static final List<String> KEYS =
            List.of("ancestor", "before", "command", "exited", "id", "label", "name", "network", "since", "status");

    private static final List<String> STATES = List.of(
            "created",
            "preparing",
            "booting",
            "running",
            "paused",
            "suspended",
            "stopping",
            "exited",
            "failed",
            "removing",
            "abandoned");

    /** Reads what the flags say. */
    static ListFilter parse(List<String> flags) throws FcvmException {
        Map<String, List<String>> wanted = new LinkedHashMap<>();
        for (String flag : flags) {
            int equals = flag.indexOf('=');
            String key = equals < 0 ? flag : flag.substring(0, equals);
            if (equals < 1 || !KEYS.contains(key)) {
                throw new FcvmException(
                        Kind.USAGE,
                        "--filter is \"" + flag + "\"; it must be KEY=VALUE, with one of: " + String.join(", ", KEYS));
            }
            String value = flag.substring(equals + 1);
            check(key, value);
            wanted.computeIfAbsent(key, absent -> new ArrayList<>()).add(value);
        }
        return new ListFilter(wanted);
    }

    private static void check(String key, String value) throws FcvmException {
        switch (key) {
            case "status" -> {
                if (!STATES.contains(state(value))) {
                    throw new FcvmException(
                            Kind.USAGE,
                            "--filter status is \"" + value + "\"; it must be one of: " + String.join(", ", STATES));
                }
            }
            case "exited" -> {
                if (!value.matches("[0-9]{1,3}")) {
                    throw new FcvmException(
                            Kind.USAGE, "--filter exited is \"" + value + "\"; it must be an exit code");
                }
            }
            case "name" -> pattern(value);
            default -> {}
        }
    }

    private static String state(String word) {
        String lower = word.toLowerCase(Locale.ROOT);
        return lower.equals("stopped") ? "exited" : lower;
    }

    private static Pattern pattern(String text) throws FcvmException {
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException wrong) {
            throw new FcvmException(
                    Kind.USAGE,
                    "--filter name is \"" + text + "\", which is no pattern: " + wrong.getDescription(),
                    wrong);
        }
    }

    /** Returns whether it names states, and so may mean machines that do not run. */
    boolean namesStates() {
        return wanted.containsKey("status");
    }

    /**
     * Returns those it takes.
     *
     * @param all every machine there is
     */
    List<ListedMachine> of(List<ListedMachine> all) throws FcvmException {
        List<ListedMachine> taken = all;
        for (Map.Entry<String, List<String>> each : wanted.entrySet()) {
            List<Predicate<ListedMachine>> tests = new ArrayList<>();
            for (String value : each.getValue()) {
                tests.add(test(each.getKey(), value, all));
            }
            boolean every = each.getKey().equals("label");
            taken = taken.stream()
                    .filter(machine -> every
                            ? tests.stream().allMatch(test -> test.test(machine))
                            : tests.stream().anyMatch(test -> test.test(machine)))
                    .toList();
        }
        return taken;
    }

    private static Predicate<ListedMachine> test(String key, String value, List<ListedMachine> all)
            throws FcvmException {
        return switch (key) {
            case "id" -> machine -> machine.view().id().startsWith(value);
            case "name" -> {
                Pattern name = pattern(value);
                yield machine -> name.matcher(machine.view().name()).find();
            }
            case "status" -> machine -> machine.view().state().equals(state(value));
            case "exited" ->
                machine -> machine.view().state().equals("exited")
                        && machine.view().exitCode() == Integer.parseInt(value);
            case "label" -> machine -> label(machine, value);
            case "network" -> machine -> machine.view().network().equals(value);
            case "command" ->
                machine -> !machine.view().command().isEmpty()
                        && machine.view().command().getFirst().equals(value);
            case "ancestor" -> machine -> ancestor(machine, value);
            case "before" -> {
                ListedMachine other = found(value, all);
                yield machine -> machine.created().isBefore(other.created());
            }
            default -> {
                ListedMachine other = found(value, all);
                yield machine -> machine.created().isAfter(other.created());
            }
        };
    }

    private static boolean label(ListedMachine machine, String wanted) {
        int equals = wanted.indexOf('=');
        Map<String, Object> labels = machine.labels();
        return equals < 0
                ? labels.containsKey(wanted)
                : wanted.substring(equals + 1).equals(labels.get(wanted.substring(0, equals)));
    }

    private static boolean ancestor(ListedMachine machine, String wanted) {
        String image = machine.view().image();
        return image.equals(wanted)
                || image.endsWith("/" + wanted)
                || image.contains("/" + wanted + ":")
                || image.startsWith(wanted + ":")
                || (wanted.length() >= 12 && machine.view().imageId().startsWith(wanted));
    }

    private static ListedMachine found(String reference, List<ListedMachine> all) throws FcvmException {
        return all.stream()
                .filter(machine -> machine.view().name().equals(reference)
                        || machine.view().id().startsWith(reference))
                .findFirst()
                .orElseThrow(() -> new FcvmException(
                        Kind.NOT_FOUND, "there is no machine \"" + reference + "\"; see them with: fcvm ps -a"));
    }
}
