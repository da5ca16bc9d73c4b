package dev.fcvm.machine.podman;

import dev.fcvm.host.user.Caller;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code --userns}. Podman in the guest is root's and alone there, so that what is a matter of the host's ranges of users
 * is said in other flags: {@code keep-id} as the user to be, {@code auto} as a mapping.
 */
final class UserNamespace {

    /** Any range that is not the machine's own users. */
    private static final long FIRST = 1L << 20;

    private static final long STANDARD_SIZE = 1L << 16;
    private static final Pattern KEEP_ID =
            Pattern.compile("keep-id(?::((?:uid|gid|size)=[0-9]{1,9}(?:,(?:uid|gid|size)=[0-9]{1,9})*))?");
    private static final Pattern AUTO = Pattern.compile("auto(?::size=([0-9]{1,9}))?");

    private UserNamespace() {}

    static Optional<String> problem(String value) {
        if (List.of("", "host", "private").contains(value)
                || KEEP_ID.matcher(value).matches()
                || AUTO.matcher(value).matches()) {
            return Optional.empty();
        }
        if (value.startsWith("nomap")) {
            return Optional.of("it maps to no user of this host, and in a machine none is; use auto");
        }
        return Optional.of("it must be host, keep-id, keep-id:uid=NUMBER,gid=NUMBER, auto or auto:size=NUMBER");
    }

    /**
     * Returns what Podman in the guest is told instead.
     *
     * @param value one that has no problem
     * @param caller who runs fcvm
     * @param user whether the user named one with {@code --user}
     */
    static List<String> options(String value, Caller caller, boolean user) {
        Matcher auto = AUTO.matcher(value);
        if (auto.matches()) {
            long size = auto.group(1) == null ? STANDARD_SIZE : Long.parseLong(auto.group(1));
            return List.of("--uidmap=0:" + FIRST + ":" + size, "--gidmap=0:" + FIRST + ":" + size);
        }
        Matcher keep = KEEP_ID.matcher(value);
        return keep.matches() ? keepId(Optional.ofNullable(keep.group(1)).orElse(""), caller, user) : List.of();
    }

    private static List<String> keepId(String wishes, Caller caller, boolean user) {
        long uid = caller.uid();
        long gid = caller.gid();
        for (String wish : wishes.split(",", -1)) {
            if (wish.startsWith("uid=")) {
                uid = Long.parseLong(wish.substring("uid=".length()));
            } else if (wish.startsWith("gid=")) {
                gid = Long.parseLong(wish.substring("gid=".length()));
            }
        }
        List<String> options = new ArrayList<>();
        if (!user) {
            options.add("--user=" + uid + ":" + gid);
        }
        options.add("--passwd-entry=%s:*:%d:%d:%s:%s:/bin/sh"
                .formatted(caller.name(), uid, gid, caller.name(), caller.home()));
        options.add("--group-entry=%s:x:%d:".formatted(caller.name(), gid));
        return options;
    }
}
