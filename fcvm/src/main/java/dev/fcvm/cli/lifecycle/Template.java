package dev.fcvm.cli.lifecycle;

import dev.fcvm.error.FcvmException;
import io.avaje.jsonb.Jsonb;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * The part of Go's templates that format flags are used with: fields, {@code {{.State.Status}}}, conditions, loops and the
 * functions of {@link TemplateFunctions}; other text stands for itself.
 *
 * @param parts what is shown, one after the other
 */
public record Template(List<Part> parts) {

    /** Copies the list. */
    public Template {
        parts = List.copyOf(parts);
    }

    /** A part of a template. */
    public sealed interface Part {

        /** Text. */
        record Text(String text) implements Part {}

        /** A value. */
        record Show(Expression value) implements Part {}

        /** What is shown when something is so, and when not. */
        record If(Expression condition, List<Part> then, List<Part> otherwise) implements Part {}

        /** What is shown of each of several, and when there is none. */
        record Range(Expression list, List<Part> each, List<Part> none) implements Part {}
    }

    /** What has a value. */
    public sealed interface Expression {

        /**
         * A field.
         *
         * @param path the names on the way to it
         * @param root whether it is one of the whole document, also within a loop
         */
        record Field(List<String> path, boolean root) implements Expression {
            public Field {
                path = List.copyOf(path);
            }
        }

        /** A value that is written there. */
        record Constant(Object value) implements Expression {}

        /** A function of values. */
        record Call(String name, List<Expression> arguments) implements Expression {
            public Call {
                arguments = List.copyOf(arguments);
            }
        }
    }

    /** Reads a template. */
    public static Template parse(String text) throws FcvmException {
        return new Template(new TemplateParser(text).parse());
    }

    /** Returns it with the fields of a document of JSON. */
    public String fill(String json) throws FcvmException {
        return show(Jsonb.instance().type(Object.class).fromJson(json));
    }

    /** Returns it with the fields of a document: maps, lists, texts, numbers, booleans. */
    public String show(Object document) throws FcvmException {
        var text = new StringBuilder();
        fill(parts, document, document, text);
        return text.toString();
    }

    private static void fill(List<Part> parts, Object root, Object here, StringBuilder text) throws FcvmException {
        for (Part part : parts) {
            switch (part) {
                case Part.Text(String plain) -> text.append(plain);
                case Part.Show(Expression value) -> text.append(TemplateFunctions.shown(value(value, root, here)));
                case Part.If(Expression condition, List<Part> then, List<Part> otherwise) ->
                    fill(TemplateFunctions.holds(value(condition, root, here)) ? then : otherwise, root, here, text);
                case Part.Range(Expression list, List<Part> each, List<Part> none) -> {
                    List<Object> items = items(value(list, root, here));
                    for (Object item : items) {
                        fill(each, root, item, text);
                    }
                    if (items.isEmpty()) {
                        fill(none, root, here, text);
                    }
                }
            }
        }
    }

    private static List<Object> items(Object value) throws FcvmException {
        return switch (value) {
            case Collection<?> list -> List.copyOf(list);
            case Map<?, ?> map -> List.copyOf(map.values());
            default -> throw new FcvmException(FcvmException.Kind.USAGE, "--format: range is given no list");
        };
    }

    private static Object value(Expression expression, Object root, Object here) throws FcvmException {
        return switch (expression) {
            case Expression.Constant(Object value) -> value;
            case Expression.Field(List<String> path, boolean whole) -> field(path, whole ? root : here);
            case Expression.Call(String name, List<Expression> arguments) -> {
                List<Object> values = new ArrayList<>();
                for (Expression argument : arguments) {
                    values.add(value(argument, root, here));
                }
                yield TemplateFunctions.call(name, values);
            }
        };
    }

    private static Object field(List<String> path, Object document) throws FcvmException {
        Object value = document;
        for (String name : path) {
            if (!(value instanceof Map<?, ?> fields && fields.containsKey(name))) {
                throw new FcvmException(
                        FcvmException.Kind.USAGE,
                        "--format asks for ." + String.join(".", path)
                                + ", which there is not; see all with: --format json");
            }
            Object inner = fields.get(name);
            value = inner == null ? "" : inner;
        }
        return value;
    }
}
