package dev.fcvm.it;

import dev.fcvm.it.harness.Captured;
import dev.fcvm.it.harness.Outcome;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows of the parity table that only look around, with the same image and options: one container runs the script of
 * each in a shell of its own, and each row is still compared by itself.
 */
final class SharedLook {

    private static final String EACH = """
            i=0
            for script; do
              printf '\\001%s\\n' $i; printf '\\001%s\\n' $i >&2
              /bin/sh -c "$script"; printf '\\002%s\\n' $?
              i=$((i+1))
            done
            """;

    private SharedLook() {}

    /** Returns the one command for all these rows. */
    static List<String> command(List<ParityCase> rows) {
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", EACH, "look"));
        rows.forEach(row -> command.add(row.command().getLast()));
        return command;
    }

    /** Returns what the row at this index saw; the whole outcome when the container did not get that far. */
    static Outcome section(Outcome whole, int index) {
        String out = between(whole.out(), "\001" + index + "\n");
        int end = out.lastIndexOf('\002');
        if (end < 0) {
            return whole;
        }
        int code = Integer.parseInt(out.substring(end + 1).strip());
        return new Outcome(
                whole.command(),
                code,
                captured(out.substring(0, end)),
                captured(between(whole.err(), "\001" + index + "\n")),
                whole.took());
    }

    private static String between(String text, String mark) {
        int start = text.indexOf(mark);
        if (start < 0) {
            return "";
        }
        String rest = text.substring(start + mark.length());
        int next = rest.indexOf('\001');
        return next < 0 ? rest : rest.substring(0, next);
    }

    private static Captured captured(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new Captured(bytes, bytes.length, Captured.digest(bytes));
    }
}
