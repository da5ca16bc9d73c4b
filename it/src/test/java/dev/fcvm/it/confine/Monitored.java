package dev.fcvm.it.confine;

import dev.fcvm.host.MachineId;
import dev.fcvm.host.process.MachineProcesses;
import dev.fcvm.it.harness.Fcvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The monitor of a running machine, as root sees it in /proc.
 *
 * @param id the machine
 * @param directory the machine's
 * @param pid the monitor's
 */
record Monitored(MachineId id, Path directory, long pid) {

    private static final List<Path> HIERARCHIES = List.of(Path.of("/sys/fs/cgroup"));

    /** Finds the one machine there is. */
    static Monitored of(Fcvm fcvm) {
        return all(fcvm).getFirst();
    }

    /** Finds the monitors of all machines. */
    static List<Monitored> all(Fcvm fcvm) {
        return fcvm.machines().stream()
                .map(directory -> {
                    MachineId id = new MachineId(directory.getFileName().toString());
                    long pid = new MachineProcesses(id)
                            .living().stream()
                                    .map(ProcessHandle::pid)
                                    .filter(Monitored::isFirstOfItsNamespace)
                                    .findFirst()
                                    .orElseThrow(() -> new AssertionError("no monitor of machine " + id));
                    return new Monitored(id, directory, pid);
                })
                .toList();
    }

    /** The others wait for it and keep what it says, in the host's PID namespace; what serves the network came later. */
    private static boolean isFirstOfItsNamespace(long pid) {
        try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(pid), "status"))) {
            return lines.anyMatch(line -> line.matches("NSpid:.*\t1"));
        } catch (IOException | UncheckedIOException ended) {
            return false;
        }
    }

    /** Returns a field of its status. */
    String status(String field) {
        return lines("status").stream()
                .filter(line -> line.startsWith(field + ":"))
                .map(line -> line.substring(field.length() + 1).strip())
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + field + " in its status"));
    }

    /** Returns its limit of this name: soft and hard. */
    String limit(String name) {
        return lines("limits").stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).strip().replaceAll(" +", " "))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no limit " + name));
    }

    /** Returns the lines of a file of its in /proc. */
    List<String> lines(String file) {
        try {
            return Files.readAllLines(proc(file));
        } catch (IOException e) {
            throw new AssertionError("cannot read " + proc(file), e);
        }
    }

    /** Returns the namespaces it does not share with the tests. */
    List<String> ownNamespaces() {
        return Stream.of("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")
                .filter(name -> !link(proc("ns/" + name)).equals(link(Path.of("/proc/self/ns/" + name))))
                .toList();
    }

    /** Returns what its open descriptors lead to. */
    List<String> descriptors() {
        try (Stream<Path> descriptors = Files.list(proc("fd"))) {
            return descriptors.map(Monitored::link).toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Returns the names in a directory as it sees it. */
    List<String> names(String directory) {
        try (Stream<Path> names = Files.list(inside(directory))) {
            return names.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Returns what lies above its working directory, which must not lead out of its tree. */
    List<String> aboveWorkingDirectory() {
        try (Stream<Path> names = Files.list(proc("cwd").resolve(".."))) {
            return names.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Returns a file of its tree, seen from here. */
    Path inside(String file) {
        return proc("root").resolve(file);
    }

    /** Returns whether each of its mounts is read-only, by the point. */
    Map<String, Boolean> mounts() {
        Map<String, Boolean> mounts = new TreeMap<>();
        for (String line : lines("mountinfo")) {
            String[] fields = line.split(" ", -1);
            mounts.put(fields[4], List.of(fields[5].split(",")).contains("ro"));
        }
        return mounts;
    }

    /** Returns the host's directories of the machine's cgroups. */
    List<Path> cgroups() {
        return cgroupsOf(id);
    }

    static List<Path> cgroupsOf(MachineId id) {
        return HIERARCHIES.stream()
                .flatMap(hierarchy -> {
                    try (Stream<Path> all = Files.walk(hierarchy)) {
                        return all
                                .filter(path -> path.endsWith(MachineProcesses.CGROUP_PREFIX + id.value()))
                                .toList()
                                .stream();
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                })
                .toList();
    }

    private Path proc(String file) {
        return Path.of("/proc", Long.toString(pid), file);
    }

    private static String link(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return "gone";
        }
    }
}
