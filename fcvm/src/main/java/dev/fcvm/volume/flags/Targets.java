package dev.fcvm.volume.flags;

import dev.fcvm.error.FcvmException;
import java.nio.file.Path;

/** Paths in the container. */
final class Targets {

    private Targets() {}

    /** Reads one, as Podman does: absolute, and without {@code .}, {@code ..} and doubled slashes from then on. */
    static String parse(String text, Words words) throws FcvmException {
        if (!text.startsWith("/")) {
            throw words.wrong("the path in the container must be absolute, and \"" + text + "\" is not");
        }
        if (text.indexOf(':') >= 0 || text.indexOf('\0') >= 0) {
            throw words.wrong("the path in the container may not contain a colon");
        }
        String clean = Path.of(text).normalize().toString();
        if (clean.equals("/")) {
            throw words.wrong("the path in the container may not be /");
        }
        if (clean.equals("/proc") || clean.startsWith("/proc/")) {
            throw words.wrong(
                    "the path in the container may not lie in /proc, which its kernel shows its processes in");
        }
        if (clean.equals("/dev")) {
            throw words.wrong(
                    "the path in the container may not be /dev, which has the machine's devices; one below may");
        }
        return clean;
    }
}
