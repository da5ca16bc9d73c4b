package dev.fcvm.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The processes of machines' monitors, as the kernel shows them. */
final class Monitors {

    private static final Set<String> NAMES = Set.of("firecracker", "monitor", "qemu-system-x86");

    private Monitors() {}

    /** Returns the process ids of the monitor of the machine with this directory, whose name is its id. */
    static List<Long> of(Path machine) {
        String id = machine.getFileName().toString();
        try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
            List<Long> found = all.map(ProcessHandle::pid)
                    .filter(pid -> NAMES.contains(text(pid, "comm").strip()))
                    .filter(pid -> (text(pid, "cmdline") + text(pid, "environ")).contains(id))
                    .toList();
            if (found.isEmpty()) {
                throw new AssertionError("machine " + id + " has no monitor");
            }
            return found;
        }
    }

    /** Tells whether a signal was sent to a process and not yet taken by it. */
    static boolean hasPending(long pid, int signal) {
        return text(pid, "status")
                .lines()
                .filter(line -> line.startsWith("ShdPnd:"))
                .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 1L << (signal - 1)) != 0);
    }

    private static String text(long pid, String file) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), file), StandardCharsets.ISO_8859_1);
        } catch (IOException gone) {
            return "";
        }
    }
}
