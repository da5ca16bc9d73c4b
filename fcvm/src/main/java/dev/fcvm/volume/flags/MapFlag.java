package dev.fcvm.volume.flags;

import dev.fcvm.error.FcvmException;
import dev.fcvm.volume.Mapping;

/** {@code --map HOST:GUEST[:ro|rw][,WORD…]}: a directory of the host. */
final class MapFlag {

    private MapFlag() {}

    static Mapping parse(String value, FlagContext context) throws FcvmException {
        var words = new Words("--map " + value);
        int colon = value.indexOf(':');
        int end = colon < 0 ? -1 : end(value, colon + 1);
        if (colon <= 0) {
            throw words.wrong("it must be HOST:GUEST, such as ./data:/data");
        }
        String target = value.substring(colon + 1, end);
        if (!target.startsWith("/") && value.startsWith("/", end + 1)) {
            throw words.wrong(
                    "HOST ends at the first colon; for a path with a colon use --mount type=bind,src=…,dst=…");
        }
        String rest = end < value.length() ? value.substring(end + 1) : "";
        if (end < value.length() && rest.isEmpty()) {
            throw words.wrong("a word is missing at its end");
        }
        for (String word : rest.isEmpty() ? new String[0] : rest.split("[,:]", -1)) {
            words.take(word);
        }
        return new Mapping.HostDirectory(
                Targets.parse(target, words),
                context.paths().apply(value.substring(0, colon)),
                words.readOnly(),
                words.mode(context.mode()),
                words.size(),
                words.sync(),
                words.create(),
                words.ids(),
                words.options());
    }

    /** The path in the container ends at the next colon or comma. */
    private static int end(String value, int from) {
        int end = from;
        while (end < value.length() && value.charAt(end) != ':' && value.charAt(end) != ',') {
            end++;
        }
        return end;
    }
}
