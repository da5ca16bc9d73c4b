package dev.fcvm.cli.lifecycle;

import dev.fcvm.error.FcvmException;
import io.avaje.jsonb.Jsonb;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The part of Go's templates that format flags are used with: fields, {@code {{.State.Status}}}, and {@code {{json .State}}};
 * other text stands for itself.
 *
 * @param parts what is shown, one after the other
 */
record Template(List<Part> parts) {

    private static final Pattern ACTION =
            Pattern.compile("\\{\\{\\s*(json\\s+)?((?:\\.[A-Za-z_][A-Za-z0-9_]*)+|\\.)\\s*}}");

    Template {
        parts = List.copyOf(parts);
    }

    /** A part of a template. */
    sealed interface Part {

        /** Text. */
        record Text(String text) implements Part {}

        /**
         * A field.
         *
         * @param path the names on the way to it
         * @param json whether it is shown as JSON
         */
        record Field(List<String> path, boolean json) implements Part {
            public Field {
                path = List.copyOf(path);
            }
        }
    }

    /** Reads a template. */
    static Template parse(String text) throws FcvmException {
        List<Part> parts = new ArrayList<>();
        Matcher action = ACTION.matcher(text);
        int at = 0;
        while (action.find()) {
            parts.add(plain(text.substring(at, action.start()), text));
            List<String> path = action.group(2).equals(".")
                    ? List.of()
                    : List.of(action.group(2).substring(1).split("\\.", -1));
            parts.add(new Part.Field(path, action.group(1) != null));
            at = action.end();
        }
        parts.add(plain(text.substring(at), text));
        return new Template(parts);
    }

    private static Part plain(String text, String whole) throws FcvmException {
        if (text.contains("{{")) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE,
                    "--format is \"" + whole
                            + "\": fcvm knows fields, such as {{.State.Status}}, and {{json .State}}; for"
                            + " more give the JSON to jq");
        }
        return new Part.Text(text.replace("\\n", "\n").replace("\\t", "\t"));
    }

    /** Returns it with the fields of a document. */
    String fill(String json) throws FcvmException {
        Object document = Jsonb.instance().type(Object.class).fromJson(json);
        var text = new StringBuilder();
        for (Part part : parts) {
            switch (part) {
                case Part.Text plain -> text.append(plain.text());
                case Part.Field field -> text.append(value(document, field));
            }
        }
        return text.toString();
    }

    private static String value(Object document, Part.Field field) throws FcvmException {
        Object value = document;
        for (String name : field.path()) {
            Optional<Object> inner = value instanceof Map<?, ?> fields && fields.containsKey(name)
                    ? Optional.ofNullable(fields.get(name))
                    : Optional.empty();
            value = inner.orElseThrow(() -> new FcvmException(
                    FcvmException.Kind.USAGE,
                    "--format asks for ." + String.join(".", field.path())
                            + ", which there is not; see all: fcvm inspect"));
        }
        boolean bare = value instanceof String && !field.json();
        return bare ? (String) value : Jsonb.instance().type(Object.class).toJson(value);
    }
}
