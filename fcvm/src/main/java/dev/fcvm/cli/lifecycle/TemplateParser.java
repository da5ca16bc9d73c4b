package dev.fcvm.cli.lifecycle;

import dev.fcvm.cli.lifecycle.Template.Expression;
import dev.fcvm.cli.lifecycle.Template.Part;
import dev.fcvm.error.FcvmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a {@link Template}. */
final class TemplateParser {

    private static final Pattern ACTION = Pattern.compile("(?s)\\{\\{(-\\s)?(.*?)(\\s-)?}}");

    private static final Pattern WORD = Pattern.compile("\\s*(?:"
            + "(?<field>\\$?(?:\\.[A-Za-z_][A-Za-z0-9_]*)+|\\$?\\.|\\$)"
            + "|\"(?<text>(?:[^\"\\\\]|\\\\.)*)\"|`(?<raw>[^`]*)`"
            + "|(?<number>-?[0-9]+)"
            + "|(?<name>[A-Za-z]+)"
            + "|(?<mark>[()|]))");

    private final String whole;
    private final Matcher action;
    private int at;

    TemplateParser(String whole) {
        this.whole = whole;
        this.action = ACTION.matcher(whole);
    }

    /** What a list of parts ended with: a keyword, or nothing at the end of the template. */
    private record Body(List<Part> parts, String end) {}

    List<Part> parse() throws FcvmException {
        Body all = body();
        if (!all.end().isEmpty()) {
            throw wrong("{{" + all.end() + "}} stands where nothing was begun");
        }
        return all.parts();
    }

    private Body body() throws FcvmException {
        List<Part> parts = new ArrayList<>();
        while (action.find(at)) {
            String before = whole.substring(at, action.start());
            at = action.end();
            text(action.group(1) == null ? before : before.stripTrailing(), parts);
            String words = action.group(2).strip();
            if (action.group(3) != null) {
                while (at < whole.length() && Character.isWhitespace(whole.charAt(at))) {
                    at++;
                }
            }
            if (words.equals("end") || words.equals("else")) {
                return new Body(parts, words);
            }
            parts.add(part(words));
        }
        text(whole.substring(at), parts);
        at = whole.length();
        return new Body(parts, "");
    }

    private void text(String text, List<Part> parts) throws FcvmException {
        if (text.contains("{{")) {
            throw wrong("an action is not closed");
        }
        if (!text.isEmpty()) {
            parts.add(new Part.Text(text.replace("\\n", "\n").replace("\\t", "\t")));
        }
    }

    private Part part(String words) throws FcvmException {
        if (words.startsWith("if ")) {
            Expression condition = expression(words.substring(3));
            Body then = body();
            return new Part.If(condition, then.parts(), otherwise(then, "if"));
        }
        if (words.startsWith("range ")) {
            Expression list = expression(words.substring(6));
            Body each = body();
            return new Part.Range(list, each.parts(), otherwise(each, "range"));
        }
        return new Part.Show(expression(words));
    }

    private List<Part> otherwise(Body first, String what) throws FcvmException {
        Body last = first.end().equals("else") ? body() : new Body(List.of(), first.end());
        if (!last.end().equals("end")) {
            throw wrong("{{" + what + "}} has no {{end}}");
        }
        return last.parts();
    }

    private Expression expression(String words) throws FcvmException {
        Matcher word = WORD.matcher(words);
        List<Optional<String>> marks = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        int from = 0;
        while (from < words.length()) {
            if (!word.find(from) || word.start() != from) {
                throw wrong("fcvm does not know what is meant by: " + words);
            }
            from = word.end();
            marks.add(Optional.ofNullable(word.group("mark")));
            values.add(value(word));
            if (words.substring(from).isBlank()) {
                break;
            }
        }
        var reader = new Reader(marks, values);
        Expression read = reader.pipeline();
        if (reader.next < marks.size()) {
            throw wrong("a bracket too many in: " + words);
        }
        return read;
    }

    private static Expression value(Matcher word) {
        if (word.group("field") != null) {
            boolean root = word.group("field").startsWith("$");
            String path = word.group("field").replaceFirst("^\\$", "").replaceFirst("^\\.", "");
            return new Expression.Field(path.isEmpty() ? List.of() : List.of(path.split("\\.", -1)), root);
        }
        if (word.group("text") != null) {
            return new Expression.Constant(word.group("text")
                    .replace("\\n", "\n")
                    .replace("\\t", "\t")
                    .replace("\\\"", "\"")
                    .replace("\\\\", "\\"));
        }
        if (word.group("raw") != null) {
            return new Expression.Constant(word.group("raw"));
        }
        if (word.group("number") != null) {
            return new Expression.Constant(Long.valueOf(word.group("number")));
        }
        String name = Optional.ofNullable(word.group("name")).orElse("");
        return switch (name) {
            case "true" -> new Expression.Constant(true);
            case "false" -> new Expression.Constant(false);
            default -> new Expression.Call(name, List.of());
        };
    }

    /** Builds what the words say: a function takes what follows it, and what a bar hands on as its last. */
    private final class Reader {
        private final List<Optional<String>> marks;
        private final List<Expression> values;
        private int next;

        Reader(List<Optional<String>> marks, List<Expression> values) {
            this.marks = marks;
            this.values = values;
        }

        Expression pipeline() throws FcvmException {
            Expression value = command(Optional.empty());
            while (is("|")) {
                next++;
                value = command(Optional.of(value));
            }
            return value;
        }

        private Expression command(Optional<Expression> handed) throws FcvmException {
            Expression first = operand();
            List<Expression> arguments = new ArrayList<>();
            while (next < marks.size() && !is("|") && !is(")")) {
                arguments.add(operand());
            }
            handed.ifPresent(arguments::add);
            if (first instanceof Expression.Call(String name, List<Expression> none) && none.isEmpty()) {
                if (!TemplateFunctions.isKnown(name, arguments.size())) {
                    throw wrong("fcvm does not know " + name + " with " + arguments.size() + " values");
                }
                return new Expression.Call(name, arguments);
            }
            if (!arguments.isEmpty()) {
                throw wrong("a field takes no values");
            }
            return first;
        }

        private Expression operand() throws FcvmException {
            if (next >= marks.size() || is("|") || is(")")) {
                throw wrong("a value is missing");
            }
            if (is("(")) {
                next++;
                Expression inner = pipeline();
                if (!is(")")) {
                    throw wrong("a bracket is not closed");
                }
                next++;
                return inner;
            }
            return values.get(next++);
        }

        private boolean is(String mark) {
            return next < marks.size() && marks.get(next).filter(mark::equals).isPresent();
        }
    }

    private FcvmException wrong(String why) {
        return new FcvmException(
                FcvmException.Kind.USAGE,
                "--format is \"" + whole + "\": " + why + "; for more than fields, if, range and "
                        + TemplateFunctions.NAMES + " give the JSON to jq");
    }
}
