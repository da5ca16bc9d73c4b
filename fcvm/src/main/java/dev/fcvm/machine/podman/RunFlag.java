package dev.fcvm.machine.podman;

import java.util.List;
import java.util.Locale;

/**
 * One flag of {@code fcvm run} or {@code podman run}: a line of {@code run.flags}, which says what the columns mean.
 *
 * @param names with their dashes, the short one first
 * @param label what stands for its value in a help; empty for a switch
 * @param type what its value is
 * @param repeats whether it may be given several times
 * @param disposition what becomes of it
 * @param group where the help shows it; empty for a refused one
 * @param description for the help, where fcvm's own code has none
 * @param difference how it differs from Podman's, or why it is refused
 */
public record RunFlag(
        List<String> names,
        String label,
        String type,
        boolean repeats,
        Disposition disposition,
        String group,
        String description,
        String difference) {

    private static final int COLUMNS = 6;
    private static final String SWITCH = "bool";

    public RunFlag {
        names = List.copyOf(names);
    }

    /** What becomes of a flag. */
    public enum Disposition {
        /** Podman's, and read by code of fcvm's own. */
        OWN,
        /** Not one of Podman's. */
        FCVM,
        /** Handed to Podman in the guest. */
        PASS,
        /** Not carried out. */
        REFUSE
    }

    /** Reads one line of the table. */
    static RunFlag parse(String line) {
        String[] columns = line.split("(?<!\\\\)\\|", -1);
        if (columns.length != COLUMNS) {
            throw new IllegalStateException("not " + COLUMNS + " columns: " + line);
        }
        for (int i = 0; i < COLUMNS; i++) {
            columns[i] = columns[i].strip().replace("\\|", "|");
        }
        boolean repeats = columns[1].endsWith("*");
        String value = repeats ? columns[1].substring(0, columns[1].length() - 1) : columns[1];
        int colon = value.lastIndexOf(':');
        return new RunFlag(
                List.of(columns[0].split(", ")),
                value.substring(0, Math.max(0, colon)),
                value.substring(colon + 1),
                repeats,
                Disposition.valueOf(columns[2].toUpperCase(Locale.ROOT)),
                columns[3],
                columns[4],
                columns[5]);
    }

    /** Returns the long name, with its dashes. */
    public String name() {
        return names.getLast();
    }

    /** Returns whether it may stand without a value. */
    public boolean isSwitch() {
        return type.equals(SWITCH);
    }
}
