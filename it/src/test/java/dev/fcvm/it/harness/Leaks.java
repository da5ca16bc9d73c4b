package dev.fcvm.it.harness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Looks for what a run of the command line should have taken away with it, by the directories it was given. */
final class Leaks {

    private Leaks() {}

    /**
     * Returns one line for each process, machine directory, name, socket, half-made file, mount and loop device of this
     * user. A process that is about to end is given five seconds to do so.
     */
    static List<String> of(Fcvm fcvm) {
        Instant deadline = Instant.now().plus(Duration.ofSeconds(5));
        for (ProcessHandle process : processes(fcvm)) {
            Duration left = Duration.between(Instant.now(), deadline);
            if (left.isPositive()) {
                process.onExit()
                        .completeOnTimeout(process, left.toMillis(), TimeUnit.MILLISECONDS)
                        .join();
            }
        }
        List<String> leaks = new ArrayList<>();
        commandLines(fcvm).forEach(line -> leaks.add("process " + line));
        fcvm.machines().forEach(path -> leaks.add("machine " + path));
        Fcvm.list(fcvm.data().resolve("warm-making/machines")).forEach(path -> leaks.add("machine of fcvm's " + path));
        Fcvm.list(fcvm.data().resolve("names")).forEach(path -> leaks.add("name " + path));
        Fcvm.list(fcvm.runtime().resolve("fcvm")).forEach(path -> leaks.add("runtime file " + path));
        halfMade(fcvm.data()).forEach(path -> leaks.add("half-made file " + path));
        mounts(fcvm).forEach(line -> leaks.add("mount " + line));
        loops(fcvm).forEach(line -> leaks.add("loop device " + line));
        return leaks;
    }

    /** Returns the process id and command line of each process. */
    static Stream<String> commandLines(Fcvm fcvm) {
        return processes(fcvm).stream()
                .map(process -> process.pid() + ": " + words(Path.of("/proc/" + process.pid() + "/cmdline")));
    }

    /** Kills what {@link #of} would name as a process. */
    static void end(Fcvm fcvm) {
        List<ProcessHandle> processes = processes(fcvm);
        processes.forEach(ProcessHandle::destroyForcibly);
        processes.forEach(process -> process.onExit().join());
    }

    /** Finds processes by their command line, working directory or environment, whatever their parent. */
    static List<ProcessHandle> processes(Fcvm fcvm) {
        String root = fcvm.place().root().toString();
        try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
            return all.filter(
                            process -> process.pid() != ProcessHandle.current().pid())
                    .filter(process -> {
                        Path proc = Path.of("/proc/" + process.pid());
                        return words(proc.resolve("environ")).contains(root)
                                || words(proc.resolve("cmdline")).contains(root);
                    })
                    .toList();
        }
    }

    private static String words(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).replace('\0', ' ');
        } catch (IOException ended) {
            // The process is gone or belongs to the kernel.
            return "";
        }
    }

    private static List<Path> halfMade(Path data) {
        List<Path> store = new ArrayList<>();
        for (Path entry : Fcvm.list(data.resolve("store"))) {
            store.add(entry);
            if (!Files.isSymbolicLink(entry)) {
                store.addAll(Fcvm.list(entry));
            }
        }
        return store.stream()
                .filter(path -> {
                    String name = path.getFileName().toString();
                    return Stream.of("part", "tmp", "partial", "making").anyMatch(name::contains);
                })
                .toList();
    }

    private static List<String> mounts(Fcvm fcvm) {
        return words(Path.of("/proc/self/mountinfo"))
                .lines()
                .filter(line -> line.contains(fcvm.place().root().toString()))
                .toList();
    }

    private static List<String> loops(Fcvm fcvm) {
        return Fcvm.list(Path.of("/sys/block")).stream()
                .map(device -> device.resolve("loop/backing_file"))
                .filter(Files::exists)
                .flatMap(file -> Arrays.stream(words(file).split("\n")))
                .filter(file -> file.contains(fcvm.place().root().toString()))
                .toList();
    }
}
