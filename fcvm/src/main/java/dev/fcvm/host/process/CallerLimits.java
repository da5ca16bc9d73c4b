package dev.fcvm.host.process;

import dev.fcvm.host.file.PrivateDirectories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a process is started with that a child has from its parent: nice value, processors, limits of resources
 * (setrlimit(2)). Where a supervisor starts a process on a caller's behalf, these words before its command line give it
 * the caller's, as far as that is less than the supervisor has: nobody but root may raise a limit.
 *
 * @param nice the nice value, -20 to 19
 * @param processors which processors it may run on, as a mask in hexadecimal
 * @param limits each limit by its name for prlimit(1): soft and hard, -1 for none
 */
record CallerLimits(int nice, String processors, Map<String, Limit> limits) {

    private static final int LOWEST = 19;
    private static final int NICE = 16; // its index among the fields behind the command's name in proc(5)'s stat
    private static final Map<String, String> NAMES = Map.ofEntries(
            Map.entry("Max cpu time", "cpu"),
            Map.entry("Max file size", "fsize"),
            Map.entry("Max data size", "data"),
            Map.entry("Max stack size", "stack"),
            Map.entry("Max core file size", "core"),
            Map.entry("Max processes", "nproc"),
            Map.entry("Max open files", "nofile"),
            Map.entry("Max locked memory", "memlock"),
            Map.entry("Max address space", "as"),
            Map.entry("Max file locks", "locks"),
            Map.entry("Max pending signals", "sigpending"),
            Map.entry("Max msgqueue size", "msgqueue"));

    CallerLimits {
        limits = Map.copyOf(limits);
    }

    /**
     * A limit.
     *
     * @param soft what holds; -1 for no limit
     * @param hard up to which the process may raise that; -1 for no limit
     */
    record Limit(long soft, long hard) {}

    /** Reads those of the process with this directory in /proc. */
    static CallerLimits read(Path process) throws IOException {
        String stat = Files.readString(process.resolve("stat"));
        String processors = Files.readAllLines(process.resolve("status")).stream()
                .filter(line -> line.startsWith("Cpus_allowed:"))
                .map(line -> line.substring("Cpus_allowed:".length()).strip().replace(",", ""))
                .findFirst()
                .orElse("");
        Map<String, Limit> limits = new TreeMap<>();
        for (String line : Files.readAllLines(process.resolve("limits"))) {
            NAMES.forEach((title, name) -> {
                if (line.startsWith(title + " ")) {
                    String[] values = line.substring(title.length()).strip().split(" +", -1);
                    limits.put(name, new Limit(number(values[0]), number(values[1])));
                }
            });
        }
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return new CallerLimits(Integer.parseInt(fields[NICE]), processors, limits);
    }

    private static long number(String text) {
        return text.equals("unlimited") ? -1 : Long.parseLong(text);
    }

    /**
     * Returns the words for what the caller of this thread's command has; none where it runs in its own process. Where nobody
     * waits for it, the lowest priority there is.
     */
    static List<String> words() {
        if (CallerEnvironment.isBehind()) {
            return List.of("nice", "-n", Integer.toString(LOWEST));
        }
        return CallerEnvironment.process()
                .map(caller -> {
                    try {
                        CallerLimits own = read(Path.of("/proc/self"));
                        CallerLimits callers = read(Path.of("/proc", Long.toString(caller)));
                        return callers.wordsBelow(own, PrivateDirectories.currentUser() == 0);
                    } catch (IOException gone) {
                        return List.<String>of(); // whoever is not there any more limits nothing
                    }
                })
                .orElse(List.of());
    }

    /** Returns the words that take a process from another's to these. */
    List<String> wordsBelow(CallerLimits own, boolean mayRaise) {
        List<String> words = new ArrayList<>();
        if (nice > own.nice || (nice < own.nice && mayRaise)) {
            words.addAll(List.of("nice", "-n", Integer.toString(nice - own.nice)));
        }
        if (!processors.equals(own.processors) && !processors.isEmpty()) {
            words.addAll(List.of("taskset", processors));
        }
        List<String> flags = new ArrayList<>();
        new TreeMap<>(limits).forEach((name, limit) -> {
            Limit present = own.limits.getOrDefault(name, limit);
            long hard = mayRaise ? limit.hard : lesser(limit.hard, present.hard);
            Limit wanted = new Limit(lesser(limit.soft, hard), hard);
            if (!wanted.equals(present)) {
                flags.add("--%s=%s:%s".formatted(name, text(wanted.soft), text(wanted.hard)));
            }
        });
        if (!flags.isEmpty()) {
            words.add("prlimit");
            words.addAll(flags);
        }
        return words;
    }

    private static long lesser(long one, long other) {
        return one < 0 ? other : other < 0 ? one : Math.min(one, other);
    }

    private static String text(long value) {
        return value < 0 ? "unlimited" : Long.toString(value);
    }
}
