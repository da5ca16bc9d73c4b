package dev.fcvm.net.flags;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.text.PrintableText;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The name of a network that joins machines, unique among a user's networks.
 *
 * @param value letters, digits, and not at the beginning {@code _}, {@code .} and {@code -}
 */
public record NetworkName(String value) {

    private static final Pattern FORM = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]*");
    private static final int LONGEST = 200;

    /** What {@code --network} means something else by, here or with Podman. */
    private static final Set<String> RESERVED =
            Set.of("none", "default", "host", "bridge", "private", "slirp4netns", "pasta", "container", "ns");

    public NetworkName {
        if (!isWellFormed(value)) {
            throw new IllegalArgumentException("not a network's name: " + value);
        }
    }

    /** Takes the name of a network from the user who wants to have a machine in it. */
    public static NetworkName parse(String value) throws FcvmException {
        if (!isWellFormed(value) || RESERVED.contains(value)) {
            throw new FcvmException(
                    Kind.USAGE,
                    "--network is \"%s\"; it must be one of: none, default, or a network made by fcvm network create"
                            .formatted(PrintableText.line(value)));
        }
        return new NetworkName(value);
    }

    /** Takes the name of a network that is to be made. */
    public static NetworkName parseNew(String value) throws FcvmException {
        if (!isWellFormed(value)) {
            throw new FcvmException(
                    Kind.USAGE,
                    "the network's name \"%s\" is malformed: use letters, digits, \"_\", \".\" and \"-\", beginning with a letter or digit, at most %d characters"
                            .formatted(PrintableText.line(value), LONGEST));
        }
        if (RESERVED.contains(value)) {
            throw new FcvmException(
                    Kind.USAGE,
                    "no network can be called %s, as --network means something else by it; choose another name"
                            .formatted(value));
        }
        return new NetworkName(value);
    }

    private static boolean isWellFormed(String value) {
        return value.length() <= LONGEST && FORM.matcher(value).matches();
    }

    @Override
    public String toString() {
        return value;
    }
}
