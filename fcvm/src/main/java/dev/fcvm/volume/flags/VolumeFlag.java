package dev.fcvm.volume.flags;

import dev.fcvm.error.FcvmException;
import dev.fcvm.volume.Mapping;
import dev.fcvm.volume.VolumeName;

/** {@code -v, --volume [SOURCE:]DIR[:WORDS]}, as Podman reads it. */
final class VolumeFlag {

    private VolumeFlag() {}

    static Parsed parse(String value, FlagContext context) throws FcvmException {
        var words = new Words("--volume " + value);
        String[] parts = value.split(":", -1);
        if (parts.length > 3) {
            throw words.wrong("it must be [SOURCE:]DIR[:WORDS]; for a path with a colon use --mount");
        }
        if (parts.length == 1) {
            // An unnamed volume, on the machine's own disk; it goes with the machine.
            return new Parsed.Podmans("--volume=" + Targets.parse(parts[0], words));
        }
        String source = parts[0];
        String target = Targets.parse(parts[1], words);
        if (parts.length == 3) {
            for (String word : parts[2].split(",", -1)) {
                words.take(word);
            }
        }
        if (source.isEmpty()) {
            throw words.wrong("the source is empty; name a directory of this host or a volume, or give the path alone");
        }
        if (source.startsWith("/") || source.startsWith(".")) {
            return new Parsed.Ours(new Mapping.HostDirectory(
                    target,
                    context.paths().apply(source),
                    words.readOnly(),
                    words.mode(context.mode()),
                    words.size(),
                    words.sync(),
                    words.create(),
                    words.ids(),
                    words.options()));
        }
        words.forVolume();
        return new Parsed.Ours(new Mapping.Volume(
                target, VolumeName.parse(source), words.readOnly(), words.size(), words.copyUp(), words.options()));
    }
}
