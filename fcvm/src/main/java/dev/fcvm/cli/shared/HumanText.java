package dev.fcvm.cli.shared;

import dev.fcvm.host.text.PrintableText;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Sizes, ages and tables as Podman prints them. */
public final class HumanText {

    private static final List<String> UNITS = List.of("B", "kB", "MB", "GB", "TB", "PB", "EB");

    /** Podman counts in nanoseconds of 64 bits, and stops where they end. */
    private static final long MOST_YEARS = 292;

    private HumanText() {}

    /** Returns a size with three digits that matter, in powers of 1000, for example {@code 2.02 MB}. */
    public static String size(long bytes) {
        int unit = 0;
        BigDecimal value = BigDecimal.valueOf(bytes);
        while (value.compareTo(BigDecimal.valueOf(1000)) >= 0 && unit < UNITS.size() - 1) {
            value = value.movePointLeft(3);
            unit++;
        }
        BigDecimal rounded = value.round(new MathContext(3)).stripTrailingZeros();
        return rounded.toPlainString() + " " + UNITS.get(unit);
    }

    /** Returns a size with four digits that matter and no blank, as {@code podman stats} has it: {@code 1.234kB}. */
    public static String compact(long bytes) {
        int unit = 0;
        BigDecimal value = BigDecimal.valueOf(bytes);
        while (value.compareTo(BigDecimal.valueOf(1000)) >= 0 && unit < UNITS.size() - 1) {
            value = value.movePointLeft(3);
            unit++;
        }
        return value.round(new MathContext(4)).stripTrailingZeros().toPlainString() + UNITS.get(unit);
    }

    /** Returns how long ago something was, for example {@code 10 months ago}. */
    public static String age(Duration age) {
        return span(age) + " ago";
    }

    /** Returns how long something has been, for example {@code 10 months}. */
    public static String span(Duration age) {
        long seconds = Math.max(0, age.toSeconds());
        long minutes = age.toMinutes();
        long hours = Math.round(seconds / 3600.0);
        String words;
        if (seconds < 1) {
            words = "Less than a second";
        } else if (seconds < 60) {
            words = seconds == 1 ? "1 second" : seconds + " seconds";
        } else if (minutes < 60) {
            words = minutes == 1 ? "About a minute" : minutes + " minutes";
        } else if (hours < 48) {
            words = hours == 1 ? "About an hour" : hours + " hours";
        } else if (hours < 24 * 7 * 2) {
            words = hours / 24 + " days";
        } else if (hours < 24 * 30 * 2) {
            words = hours / 24 / 7 + " weeks";
        } else if (hours < 24 * 365 * 2) {
            words = hours / 24 / 30 + " months";
        } else {
            words = Math.min(hours / 24 / 365, MOST_YEARS) + " years";
        }
        return words;
    }

    /** Returns lines whose columns are as wide as their widest cell; no cell can end a line or move what follows. */
    public static List<String> table(List<List<String>> texts) {
        List<List<String>> rows = texts.stream()
                .map(row -> row.stream().map(PrintableText::line).toList())
                .toList();
        int columns = rows.stream().mapToInt(List::size).max().orElse(0);
        int[] widths = IntStream.range(0, columns)
                .map(column -> rows.stream()
                        .mapToInt(row -> row.get(column).length())
                        .max()
                        .orElse(0))
                .toArray();
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < row.size(); column++) {
                String cell = row.get(column);
                boolean last = column == row.size() - 1;
                line.append(cell).append(last ? "" : " ".repeat(widths[column] - cell.length() + 2));
            }
            lines.add(line.toString());
        }
        return lines;
    }
}
