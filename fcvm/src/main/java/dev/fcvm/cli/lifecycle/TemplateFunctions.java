package dev.fcvm.cli.lifecycle;

import dev.fcvm.error.FcvmException;
import io.avaje.jsonb.Jsonb;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What values of a {@link Template} are made of each other, and how they look: Go's ways. */
final class TemplateFunctions {

    /** All of them, for a message. */
    static final String NAMES = "json, index, len, join, split, lower, upper, truncate, eq, ne, not, and, or, println";

    private TemplateFunctions() {}

    /** Returns whether there is a function of this name that takes so many values. */
    static boolean isKnown(String name, int values) {
        return switch (name) {
            case "json", "len", "lower", "upper", "not" -> values == 1;
            case "index", "join", "split", "truncate", "ne" -> values == 2;
            case "eq" -> values >= 2;
            case "and", "or" -> values >= 1;
            case "print", "println" -> true;
            default -> false;
        };
    }

    static Object call(String name, List<Object> values) throws FcvmException {
        return switch (name) {
            case "json" -> Jsonb.instance().type(Object.class).toJson(values.getFirst());
            case "len" -> length(values.getFirst());
            case "lower" -> shown(values.getFirst()).toLowerCase(Locale.ROOT);
            case "upper" -> shown(values.getFirst()).toUpperCase(Locale.ROOT);
            case "truncate" -> truncated(shown(values.getFirst()), values.get(1));
            case "split" ->
                Arrays.asList(shown(values.getFirst()).split(java.util.regex.Pattern.quote(shown(values.get(1))), -1));
            case "join" -> joined(values.getFirst(), shown(values.get(1)));
            case "index" -> item(values.getFirst(), values.get(1));
            case "eq" -> values.stream().skip(1).anyMatch(other -> same(values.getFirst(), other));
            case "ne" -> !same(values.getFirst(), values.get(1));
            case "not" -> !holds(values.getFirst());
            case "and" ->
                values.stream().filter(value -> !holds(value)).findFirst().orElse(values.getLast());
            case "or" ->
                values.stream().filter(TemplateFunctions::holds).findFirst().orElse(values.getLast());
            case "println" -> values.stream().map(TemplateFunctions::shown).collect(Collectors.joining(" ", "", "\n"));
            default -> values.stream().map(TemplateFunctions::shown).collect(Collectors.joining());
        };
    }

    /** Returns whether a value is no nothing. */
    static boolean holds(Object value) {
        return switch (value) {
            case Boolean truth -> truth;
            case Number number -> number.doubleValue() != 0;
            case Collection<?> list -> !list.isEmpty();
            case Map<?, ?> map -> !map.isEmpty();
            default -> !value.toString().isEmpty();
        };
    }

    /** Returns a value as Go prints it. */
    static String shown(Object value) {
        return switch (value) {
            case Collection<?> list ->
                list.stream().map(TemplateFunctions::shown).collect(Collectors.joining(" ", "[", "]"));
            case Map<?, ?> map ->
                new TreeMap<Object, Object>(map)
                        .entrySet().stream()
                                .map(entry -> entry.getKey() + ":" + shown(entry.getValue()))
                                .collect(Collectors.joining(" ", "map[", "]"));
            case Double number when number == Math.rint(number) -> Long.toString(number.longValue());
            default -> value.toString();
        };
    }

    private static boolean same(Object one, Object other) {
        return shown(one).equals(shown(other));
    }

    private static Object length(Object value) {
        return switch (value) {
            case Collection<?> list -> (long) list.size();
            case Map<?, ?> map -> (long) map.size();
            default -> (long) value.toString().length();
        };
    }

    private static String truncated(String text, Object most) throws FcvmException {
        if (!(most instanceof Long limit) || limit < 0) {
            throw new FcvmException(FcvmException.Kind.USAGE, "--format: truncate needs a number");
        }
        return text.substring(0, (int) Math.min(limit, text.length()));
    }

    private static String joined(Object list, String between) throws FcvmException {
        if (!(list instanceof Collection<?> items)) {
            throw new FcvmException(FcvmException.Kind.USAGE, "--format: join is given no list");
        }
        return items.stream().map(TemplateFunctions::shown).collect(Collectors.joining(between));
    }

    private static Object item(Object value, Object key) throws FcvmException {
        if (value instanceof Map<?, ?> map) {
            Object found = map.get(shown(key));
            return found == null ? "" : found;
        }
        if (value instanceof List<?> list && key instanceof Long place && place >= 0 && place < list.size()) {
            return list.get(place.intValue());
        }
        throw new FcvmException(
                FcvmException.Kind.USAGE, "--format: index finds nothing at " + shown(key) + " in " + shown(value));
    }
}
