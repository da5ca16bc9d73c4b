package dev.fcvm.machine.spec;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.text.RawText;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The variables given with {@code --env} and {@code --env-file}, by Podman's rules: {@code NAME=VALUE} sets,
 * {@code NAME} takes the caller's value if there is one, {@code PREFIX*} takes all of the caller's that begin so.
 * Files come first, and later entries win.
 */
public final class Environment {

    /** See containers.conf(5), {@code http_proxy}. */
    private static final List<String> PROXIES = List.of("http_proxy", "https_proxy", "ftp_proxy", "no_proxy");

    private final Map<String, String> caller;
    private final Map<String, String> variables = new LinkedHashMap<>();

    private Environment(Map<String, String> caller) {
        this.caller = caller;
    }

    /**
     * Returns {@code NAME=VALUE} for each.
     *
     * @param files {@code --env-file}, in order
     * @param entries {@code --env}, in order
     * @param caller the environment of the caller
     * @param proxies whether the caller's proxies are passed on, as Podman does: the container is to use its network
     * @throws FcvmException when an entry is malformed or a file unreadable
     */
    public static List<String> of(List<Path> files, List<String> entries, Map<String, String> caller, boolean proxies)
            throws FcvmException {
        var environment = new Environment(caller);
        if (proxies) {
            for (String name : PROXIES) {
                environment.add(name, "the environment");
                environment.add(name.toUpperCase(Locale.ROOT), "the environment");
            }
        }
        for (Path file : files) {
            environment.addFile(file);
        }
        // As with Podman, which takes one -e of nothing for none: scripts give -e "$MAYBE".
        for (String entry : entries.equals(List.of("")) ? List.<String>of() : entries) {
            environment.add(entry, "--env");
        }
        return environment.variables.entrySet().stream()
                .map(variable -> RawText.replaced(variable.getKey() + "=" + variable.getValue()))
                .toList();
    }

    private void addFile(Path file) throws FcvmException {
        for (String line : FlagFile.lines("--env-file", file)) {
            add(line, "--env-file " + file);
        }
    }

    private void add(String entry, String where) throws FcvmException {
        int equals = entry.indexOf('=');
        String name = (equals < 0 ? entry : entry.substring(0, equals)).replaceFirst("^[ \t]+", "");
        if (name.isEmpty() || entry.indexOf('\0') >= 0) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE,
                    where + ": \"" + entry + "\" is no variable: write NAME=VALUE, or NAME to pass one on");
        }
        if (equals >= 0) {
            variables.put(name, entry.substring(equals + 1));
        } else if (name.endsWith("*")) {
            String prefix = name.substring(0, name.length() - 1);
            caller.forEach((callers, value) -> {
                if (callers.startsWith(prefix)) {
                    variables.put(callers, value);
                }
            });
        } else if (caller.containsKey(name)) {
            variables.put(name, caller.getOrDefault(name, ""));
        }
    }
}
