package dev.fcvm.machine.podman;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.TimeZones;
import dev.fcvm.host.user.Caller;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Turns flags whose meaning depends on who asks, and where, into what they mean to Podman in the guest, which is root's,
 * alone, and knows nothing of this host.
 */
public final class Translation {

    /** What fcvm does by itself; to Podman in the guest there is nothing to tell. */
    private static final Set<String> FULFILLED = Set.of(
            "--disable-content-trust", "--expose", "--log-driver", "--os", "--restart", "--sdnotify", "--sig-proxy");

    private Translation() {}

    /**
     * Translates.
     *
     * @param arguments flags of Podman's, each joined to its value and found good
     * @param user whether the user named one with {@code --user}
     * @throws FcvmException when this host does not know what is asked of it
     */
    public static List<String> of(List<String> arguments, boolean user) throws FcvmException {
        List<String> options = new ArrayList<>();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            String name = equals < 0 ? argument : argument.substring(0, equals);
            String value = argument.substring(equals + 1);
            switch (name) {
                case "--userns" -> options.addAll(UserNamespace.options(value, Caller.ofProcess(), user));
                case "--tz" -> options.add("--tz=" + zone(value));
                default -> {
                    if (!FULFILLED.contains(name)) {
                        options.add(argument);
                    }
                }
            }
        }
        return options;
    }

    /** Returns the values of one flag among these. */
    public static List<String> values(List<String> arguments, String name) {
        String beginning = name + "=";
        return arguments.stream()
                .filter(argument -> argument.startsWith(beginning))
                .map(argument -> argument.substring(beginning.length()))
                .toList();
    }

    private static String zone(String value) throws FcvmException {
        if (!value.equals("local")) {
            return value;
        }
        String unknown =
                "--tz=local: /etc/localtime of this host leads to no zone; name it, such as --tz=Europe/Berlin";
        try {
            return TimeZones.ofHost().local().orElseThrow(() -> new FcvmException(FcvmException.Kind.USAGE, unknown));
        } catch (IOException unreadable) {
            throw new FcvmException(FcvmException.Kind.USAGE, unknown, unreadable);
        }
    }
}
