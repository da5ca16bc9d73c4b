package dev.fcvm.volume.flags;

import dev.fcvm.error.FcvmException;
import dev.fcvm.volume.Mapping;
import dev.fcvm.volume.VolumeName;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** {@code --mount type=bind|volume|tmpfs,…}, as Podman reads it: a line of comma-separated values, quoted where needed. */
final class MountFlag {

    private final String value;
    private final Words words;
    private Optional<String> source = Optional.empty();
    private Optional<String> target = Optional.empty();

    private MountFlag(String value) {
        this.value = value;
        this.words = new Words("--mount " + value);
    }

    static Parsed parse(String value, FlagContext context) throws FcvmException {
        return new MountFlag(value).parsed(context);
    }

    private Parsed parsed(FlagContext context) throws FcvmException {
        List<String> fields = fields();
        String type = fields.stream()
                .filter(field -> field.startsWith("type="))
                .map(field -> field.substring("type=".length()))
                .findFirst()
                .orElse("volume");
        return switch (type) {
            case "tmpfs", "ramfs", "devpts" -> new Parsed.Podmans("--mount=" + value);
            case "bind" -> new Parsed.Ours(bind(fields, context));
            case "volume" -> volume(fields);
            case "image", "artifact", "glob" ->
                throw words.wrong(
                        "a machine has no image but its own; use type=tmpfs, or put the files into the image");
            default -> throw words.wrong("invalid filesystem type \"" + type + "\"");
        };
    }

    private Mapping bind(List<String> fields, FlagContext context) throws FcvmException {
        take(fields);
        return new Mapping.HostDirectory(
                Targets.parse(target.orElseThrow(() -> words.wrong("must set volume destination")), words),
                context.paths().apply(source.orElseThrow(() -> words.wrong("must set source volume"))),
                words.readOnly(),
                words.mode(context.mode()),
                words.size(),
                words.sync(),
                words.create(),
                words.ids(),
                words.options());
    }

    private Parsed volume(List<String> fields) throws FcvmException {
        take(fields);
        if (source.isEmpty()) {
            return new Parsed.Podmans("--mount=" + value);
        }
        words.forVolume();
        return new Parsed.Ours(new Mapping.Volume(
                Targets.parse(target.orElseThrow(() -> words.wrong("must set volume destination")), words),
                VolumeName.parse(source.get()),
                words.readOnly(),
                words.size(),
                words.copyUp(),
                words.options()));
    }

    private void take(List<String> fields) throws FcvmException {
        for (String field : fields) {
            int equals = field.indexOf('=');
            String name = equals < 0 ? field : field.substring(0, equals);
            Optional<String> given = equals < 0 ? Optional.empty() : Optional.of(field.substring(equals + 1));
            take(field, name, given);
        }
    }

    private void take(String field, String name, Optional<String> given) throws FcvmException {
        switch (name) {
            case "type" -> {} // known already
            case "src", "source" -> source = Optional.of(text(name, given));
            case "dst", "dest", "destination", "target" -> target = Optional.of(text(name, given));
            case "ro", "readonly" -> words.writable(!isTrue(name, given));
            case "rw" -> words.writable(isTrue(name, given));
            case "nocopy", "volume-nocopy" -> words.copyUp(!isTrue(name, given));
            case "U", "chown" -> {
                if (isTrue(name, given)) {
                    words.pass("U");
                }
            }
            case "bind-propagation" -> words.take(text(name, given));
            case "bind-nonrecursive", "relabel", "consistency", "no-dereference" -> {} // nothing of these in a machine
            default -> words.take(field);
        }
    }

    private String text(String name, Optional<String> given) throws FcvmException {
        return given.filter(text -> !text.isEmpty())
                .orElseThrow(() -> words.wrong(name + ": must provide an argument for option"));
    }

    private boolean isTrue(String name, Optional<String> given) throws FcvmException {
        return given.isEmpty() || words.truth(name, given.get().toLowerCase(Locale.ROOT));
    }

    /** Splits a line of comma-separated values, RFC 4180. */
    private List<String> fields() throws FcvmException {
        List<String> fields = new ArrayList<>();
        var field = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (quoted && c == '"' && i + 1 < value.length() && value.charAt(i + 1) == '"') {
                field.append('"');
                i++;
            } else if (c == '"' && (quoted || field.isEmpty())) {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                fields.add(field.toString());
                field.setLength(0);
            } else {
                field.append(c);
            }
        }
        if (quoted) {
            throw words.wrong("a quotation mark is not closed");
        }
        fields.add(field.toString());
        return fields;
    }
}
