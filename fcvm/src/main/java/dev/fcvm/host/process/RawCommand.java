package dev.fcvm.host.process;

import dev.fcvm.host.text.RawText;
import java.util.ArrayList;
import java.util.List;

/**
 * Command lines with bytes that are no UTF-8. Java gives a program only what the locale has a character for; a shell that
 * puts the words together becomes the program.
 */
final class RawCommand {

    /** Each word with escapes as printf(1) has them; the x keeps the shell from taking line ends off. */
    private static final String UNESCAPE = """
            n=$#
            while [ "$n" -gt 0 ]; do
                word=$(printf '%bx' "$1")
                shift
                set -- "$@" "${word%x}"
                n=$((n - 1))
            done
            exec "$@"
            """;

    private RawCommand() {}

    /** Returns a command line that Java can start: the same, where there is no such byte in it. */
    static List<String> of(List<String> command) {
        if (command.stream().noneMatch(RawText::isRaw)) {
            return command;
        }
        List<String> line = new ArrayList<>(List.of("/bin/sh", "-c", UNESCAPE, "sh"));
        command.forEach(word -> line.add(escaped(word)));
        return List.copyOf(line);
    }

    private static String escaped(String word) {
        var text = new StringBuilder();
        for (int at = 0; at < word.length(); at++) {
            String one = word.substring(at, at + 1);
            if (RawText.isRaw(one) && !(at > 0 && Character.isHighSurrogate(word.charAt(at - 1)))) {
                text.append("\\0%o".formatted(RawText.encode(one)[0] & 0xff));
            } else {
                text.append(one.equals("\\") ? "\\\\" : one);
            }
        }
        return text.toString();
    }
}
