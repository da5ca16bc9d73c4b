package dev.fcvm.volume;

import dev.fcvm.host.MachineId;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.settings.Settings;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * The machine a mapping is for, and what it is made with.
 *
 * @param machine the machine
 * @param name by which its user knows it
 * @param directory the machine's directory (0700); what lies there goes with the machine
 * @param sockets a directory of the machine's own (0700) whose path is short enough for sockets, gone when it ends
 * @param rootless whether the machine runs without root's privileges
 * @param kept whether the machine stays when it has ended
 * @param settings the user's
 * @param journal of what the machine has on the host
 * @param warn is told, in one line each, what the user must know and what is no failure
 */
public record MappingPlace(
        MachineId machine,
        String name,
        Path directory,
        Path sockets,
        boolean rootless,
        boolean kept,
        Settings settings,
        Journal journal,
        Consumer<String> warn) {

    /** Returns what the disk of a mapping is called that lies in the machine's directory. */
    public static String disk(int number) {
        return "mapping-" + number + ".ext4";
    }

    /** Returns what is written down of such a disk: what it was a copy of, when it was made. */
    public static String start(String disk) {
        return disk + ".start";
    }
}
