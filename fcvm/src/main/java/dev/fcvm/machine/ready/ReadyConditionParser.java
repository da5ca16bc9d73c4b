package dev.fcvm.machine.ready;

import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.ready.ReadyCondition.Check;
import dev.fcvm.machine.ready.ReadyCondition.Exec;
import dev.fcvm.machine.ready.ReadyCondition.Healthcheck;
import dev.fcvm.machine.ready.ReadyCondition.Http;
import dev.fcvm.machine.ready.ReadyCondition.Log;
import dev.fcvm.machine.ready.ReadyCondition.Tcp;
import dev.fcvm.machine.ready.ReadyCondition.Vsock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Reads a {@link ReadyCondition}, and says of one that makes no sense what is wrong with it. */
final class ReadyConditionParser {

    static final Duration INTERVAL = Duration.ofMillis(250);

    /** A command of Podman's for each look. */
    private static final Duration EXEC_INTERVAL = Duration.ofSeconds(1);

    private static final Duration LEAST_INTERVAL = Duration.ofMillis(50);
    private static final Duration MOST_INTERVAL = Duration.ofMinutes(10);
    private static final Duration LEAST_TIMEOUT = Duration.ofMillis(100);
    private static final Duration MOST_TIMEOUT = Duration.ofHours(24);

    private static final Map<String, Set<String>> KEYS = keys();

    /** Go's form of a time, as everywhere in Podman, in an order that makes sense; or whole seconds. */
    private static final Pattern TIME = Pattern.compile("(?:([0-9]{1,4})h)?(?:([0-9]{1,6})m)?"
            + "(?:([0-9]{1,7}(?:\\.[0-9]{1,3})?)s)?(?:([0-9]{1,9})ms)?|([0-9]{1,7})");

    private static final Pattern STATUS = Pattern.compile("([1-5][0-9]{2})(?:-([1-5][0-9]{2}))?");
    private static final Pattern PATH = Pattern.compile("/[!-~]{0,2000}");
    private static final Pattern FILE = Pattern.compile("/[^\\p{Cntrl}]{1,4000}");

    private final String flag;
    private final String text;
    private Map<String, String> given = Map.of();
    private String mode = "";

    ReadyConditionParser(String flag, String text) {
        this.flag = flag;
        this.text = text;
    }

    private static Map<String, Set<String>> keys() {
        var keys = new LinkedHashMap<String, Set<String>>();
        keys.put("vsock", Set.of("file", "interval"));
        keys.put("http", Set.of("port", "path", "status", "interval"));
        keys.put("tcp", Set.of("port", "interval"));
        keys.put("log", Set.of("pattern"));
        keys.put("exec", Set.of("command", "interval"));
        keys.put("healthcheck", Set.of());
        return keys;
    }

    ReadyCondition parse() throws FcvmException {
        given = pairs();
        mode = given.getOrDefault("mode", "");
        Set<String> known = KEYS.get(mode);
        if (known == null) {
            throw wrong(
                    given.containsKey("mode") ? "there is no mode \"" + mode + "\"" : "it names no mode",
                    "it begins with mode= and one of: " + String.join(", ", KEYS.keySet()));
        }
        for (String key : given.keySet()) {
            if (!key.equals("mode") && !key.equals("timeout") && !known.contains(key)) {
                throw wrong("mode=" + mode + " takes no " + key, advice(known, key));
            }
        }
        Check check = check();
        return new ReadyCondition(
                check,
                time("timeout", ReadyCondition.TIMEOUT, LEAST_TIMEOUT, MOST_TIMEOUT),
                time("interval", check instanceof Exec ? EXEC_INTERVAL : INTERVAL, LEAST_INTERVAL, MOST_INTERVAL));
    }

    private String advice(Set<String> known, String key) {
        if (mode.equals("healthcheck") && key.equals("interval")) {
            return "how often the container is checked is --health-interval";
        }
        var all = new ArrayList<String>(known);
        all.add("timeout");
        return "it takes: " + String.join(", ", all.stream().sorted().toList());
    }

    private Check check() throws FcvmException {
        return switch (mode) {
            case "http" -> http();
            case "tcp" -> new Tcp(port());
            case "log" -> new Log(pattern());
            case "exec" -> new Exec(needed("command", "command=pg_isready"));
            case "healthcheck" -> new Healthcheck();
            default -> new Vsock(file());
        };
    }

    private Http http() throws FcvmException {
        String path = given.getOrDefault("path", "/");
        if (!PATH.matcher(path).matches()) {
            throw wrong(
                    "the path is \"" + path + "\"", "it must begin with / and hold no blanks, such as path=/healthz");
        }
        Matcher status = STATUS.matcher(given.getOrDefault("status", "200-399"));
        if (!status.matches()) {
            throw wrong("the status is \"" + given.get("status") + "\"", "it must be one such as 200, or 200-399");
        }
        int lowest = Integer.parseInt(status.group(1));
        int highest = status.group(2) == null ? lowest : Integer.parseInt(status.group(2));
        if (highest < lowest) {
            throw wrong("the status is \"" + given.get("status") + "\"", "the lower one comes first");
        }
        return new Http(port(), path, lowest, highest);
    }

    private int port() throws FcvmException {
        String port = needed("port", "port=8080");
        if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) < 1 || Integer.parseInt(port) > 65_535) {
            throw wrong("the port is \"" + port + "\"", "it must be the container's port, from 1 to 65535");
        }
        return Integer.parseInt(port);
    }

    private String pattern() throws FcvmException {
        String pattern = needed("pattern", "pattern=ready to accept");
        try {
            Pattern.compile(pattern);
            return pattern;
        } catch (PatternSyntaxException syntax) {
            throw wrong(
                    "the pattern is no regular expression: " + syntax.getDescription(),
                    "put a backslash before characters that are meant as such");
        }
    }

    private Optional<String> file() throws FcvmException {
        String file = given.get("file");
        if (file != null && !isFile(file)) {
            throw wrong(
                    "the file is \"" + file + "\"",
                    "it must be the path of a file in the container, such as /run/ready");
        }
        return Optional.ofNullable(file);
    }

    /** Returns whether this can be the path of a file in a container. */
    static boolean isFile(String path) {
        return FILE.matcher(path).matches();
    }

    private String needed(String key, String example) throws FcvmException {
        String value = given.getOrDefault(key, "");
        if (value.isBlank()) {
            throw wrong("mode=" + mode + " needs a " + key, "add it, such as " + example);
        }
        return value;
    }

    private Duration time(String key, Duration usual, Duration least, Duration most) throws FcvmException {
        String value = given.get(key);
        if (value == null) {
            return usual;
        }
        Matcher time = TIME.matcher(value);
        Duration duration = value.isEmpty() || !time.matches() ? Duration.ZERO : time(time);
        if (duration.compareTo(least) < 0 || duration.compareTo(most) > 0) {
            throw wrong(
                    "the " + key + " is \"" + value + "\"",
                    "it must be a time from " + words(least) + " to " + words(most) + ", such as 30s, 500ms or 1m30s");
        }
        return duration;
    }

    private static Duration time(Matcher time) {
        if (time.group(5) != null) {
            return Duration.ofSeconds(Long.parseLong(time.group(5)));
        }
        long millis = number(time.group(4));
        millis += time.group(3) == null ? 0 : Math.round(Double.parseDouble(time.group(3)) * 1000);
        return Duration.ofHours(number(time.group(1)))
                .plusMinutes(number(time.group(2)))
                .plusMillis(millis);
    }

    private static long number(String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }

    private static String words(Duration duration) {
        if (duration.toMillis() < 1000) {
            return duration.toMillis() + "ms";
        }
        return duration.toHours() > 0 ? duration.toHours() + "h" : duration.toMinutes() + "m";
    }

    private Map<String, String> pairs() throws FcvmException {
        var pairs = new LinkedHashMap<String, String>();
        for (String part : parts()) {
            int equals = part.indexOf('=');
            if (equals < 1) {
                throw wrong(
                        "\"" + part + "\" is not KEY=VALUE",
                        "a part with a comma stands in double quotes: \"pattern=a,b\"");
            }
            String key = part.substring(0, equals);
            if (pairs.put(key, part.substring(equals + 1)) != null) {
                throw wrong(key + " is given twice", "give it once");
            }
        }
        return pairs;
    }

    /** As podman's --mount: fields of a line of CSV. */
    private List<String> parts() throws FcvmException {
        var parts = new ArrayList<String>();
        var part = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean doubled = quoted && c == '"' && i + 1 < text.length() && text.charAt(i + 1) == '"';
            if (doubled) {
                part.append(c);
                i++;
            } else if (c == '"' && (quoted || part.isEmpty())) {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                parts.add(part.toString());
                part.setLength(0);
            } else {
                part.append(c);
            }
        }
        if (quoted) {
            throw wrong("a double quote is open", "close it");
        }
        parts.add(part.toString());
        return parts;
    }

    private FcvmException wrong(String problem, String advice) {
        return new FcvmException(FcvmException.Kind.USAGE, flag + " is \"" + text + "\": " + problem + "; " + advice);
    }
}
