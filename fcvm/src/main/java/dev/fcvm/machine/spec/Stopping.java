package dev.fcvm.machine.spec;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.process.SignalNames;
import java.math.BigInteger;
import java.util.List;

/** How a container wants to be told to end. */
public final class Stopping {

    private static final int SIGTERM = 15;

    /** Podman's. */
    private static final int SECONDS = 10;

    private Stopping() {}

    /** Returns the signal's Linux number: the user's, the image's, or SIGTERM. */
    public static int signal(ContainerFlags flags, ResolvedImage image) throws FcvmException {
        List<String> given = flags.podmanValues("--stop-signal");
        if (!given.isEmpty() && !given.getLast().isEmpty()) {
            return SignalNames.number(given.getLast());
        }
        try {
            return image.stopSignal().isEmpty() ? SIGTERM : SignalNames.number(image.stopSignal());
        } catch (FcvmException unknown) {
            throw new FcvmException(
                    Kind.IMAGE,
                    "the image names a stop signal that there is not, \"" + image.stopSignal()
                            + "\"; name another: --stop-signal TERM",
                    unknown);
        }
    }

    /** Returns how long the container may take, in seconds; what no number of Java's holds is 68 years. */
    public static int seconds(ContainerFlags flags) {
        List<String> given = flags.podmanValues("--stop-timeout");
        return given.isEmpty() ? SECONDS : number(given.getLast());
    }

    /** As Podman's library reads it: in octal digits behind a 0, in hexadecimal ones behind 0x. */
    private static int number(String text) {
        boolean hexadecimal = text.startsWith("0x") || text.startsWith("0X");
        BigInteger number = hexadecimal
                ? new BigInteger(text.substring(2), 16)
                : new BigInteger(text, text.startsWith("0") && text.matches("[0-7]+") ? 8 : 10);
        return number.min(BigInteger.valueOf(Integer.MAX_VALUE)).intValue();
    }
}
