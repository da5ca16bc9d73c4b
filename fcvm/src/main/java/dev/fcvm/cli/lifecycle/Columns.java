package dev.fcvm.cli.lifecycle;

import dev.fcvm.cli.shared.HumanText;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * A list as a {@code --format} has it: a template for each row, and with {@code table} before it in columns below a heading.
 *
 * @param template what is shown of a row
 * @param table whether in columns
 */
public record Columns(Template template, boolean table) {

    private static final String TABLE = "table ";

    /** Reads a format. */
    public static Columns parse(String format) throws FcvmException {
        boolean table = format.startsWith(TABLE);
        return new Columns(Template.parse(table ? format.substring(TABLE.length()) : format), table);
    }

    /**
     * Prints rows.
     *
     * @param headings what stands above each field, by its name
     * @param heading whether that is wanted
     */
    public void print(
            CommandContext context, Map<String, String> headings, List<Map<String, Object>> rows, boolean heading)
            throws FcvmException {
        List<String> lines = new ArrayList<>();
        if (table && heading) {
            lines.add(template.show(headings));
        }
        for (Map<String, Object> row : rows) {
            lines.add(template.show(row));
        }
        if (!table) {
            lines.forEach(context::print);
            return;
        }
        List<List<String>> cells = new ArrayList<>();
        lines.forEach(line -> cells.add(new ArrayList<>(Arrays.asList(line.split("\t", -1)))));
        int widest = cells.stream().mapToInt(List::size).max().orElse(0);
        cells.forEach(row -> row.addAll(Collections.nCopies(widest - row.size(), "")));
        HumanText.table(cells).forEach(context::print);
    }
}
