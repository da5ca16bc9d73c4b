package dev.fcvm.host.confine;

import dev.fcvm.host.MachineId;
import dev.fcvm.host.process.CallerEnvironment;
import dev.fcvm.host.process.MachineProcesses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The host's cgroup hierarchies, as this process sees them.
 *
 * @param first where version 1's controllers are mounted and, below, where this process stands in each
 * @param second the same for the one tree of version 2
 */
public record CgroupTree(Map<String, Place> first, Optional<Place> second) {

    public static final List<String> CONTROLLERS = List.of("memory", "cpu", "pids");

    /**
     * A place in a hierarchy.
     *
     * @param mount where the hierarchy is mounted
     * @param own the directory of this process's cgroup in there
     */
    public record Place(Path mount, Path own) {}

    /** Looks at the host: from the cgroup of the caller for whom this thread works, whose limits are to hold. */
    public static CgroupTree ofHost() throws IOException {
        Path own = Path.of("/proc/self/cgroup");
        Path callers = CallerEnvironment.process()
                .map(process -> Path.of("/proc", Long.toString(process), "cgroup"))
                .filter(Files::isReadable)
                .orElse(own);
        return read(Files.readAllLines(Path.of("/proc/self/mountinfo")), Files.readAllLines(callers));
    }

    /** Returns how another process gets into the cgroups of a machine that one of its processes is in. */
    public static CgroupEntry entry(MachineId machine, long process) throws IOException {
        CgroupTree tree = read(
                Files.readAllLines(Path.of("/proc/self/mountinfo")),
                Files.readAllLines(Path.of("/proc/" + process + "/cgroup")));
        return entry(Stream.concat(tree.first.values().stream(), tree.second.stream())
                .map(Place::own)
                .filter(directory -> directory.endsWith(MachineProcesses.CGROUP_PREFIX + machine.value()))
                .toList());
    }

    /** Returns how a process that this one starts gets into these cgroups. */
    public static CgroupEntry entry(Collection<Path> directories) throws IOException {
        CgroupTree here = read(
                Files.readAllLines(Path.of("/proc/self/mountinfo")), Files.readAllLines(Path.of("/proc/self/cgroup")));
        return CgroupEntry.of(directories, here.second.map(Place::own), Systemd.ofHost());
    }

    static CgroupTree read(List<String> mounts, List<String> memberships) {
        Map<String, String> own = new HashMap<>(); // by controller; version 2 has none
        for (String line : memberships) {
            String[] fields = line.split(":", 3);
            if (fields.length == 3) {
                for (String controller : fields[1].split(",", -1)) {
                    own.put(controller, fields[2]);
                }
            }
        }
        Map<String, Place> first = new HashMap<>();
        Optional<Place> second = Optional.empty();
        for (String line : mounts) {
            String[] halves = line.split(" - ", 2);
            String[] mount = halves[0].split(" ");
            String[] system = halves.length == 2 ? halves[1].split(" ") : new String[0];
            if (mount.length < 5 || system.length < 3) {
                continue;
            }
            if (system[0].equals("cgroup2") && second.isEmpty()) {
                second = Optional.of(place(mount, own.getOrDefault("", "/")));
            } else if (system[0].equals("cgroup")) {
                for (String controller : Set.of(system[2].split(","))) {
                    if (CONTROLLERS.contains(controller)) {
                        first.putIfAbsent(controller, place(mount, own.getOrDefault(controller, "/")));
                    }
                }
            }
        }
        return new CgroupTree(Map.copyOf(first), second);
    }

    /** A container sees a part of the hierarchy only, whose name in the whole is the mount's root. */
    private static Place place(String[] mount, String own) {
        Path point = Path.of(Mounts.unescaped(mount[4]));
        Path root = Path.of(Mounts.unescaped(mount[3]));
        Path path = Path.of(own);
        Path below = path.startsWith(root) ? root.relativize(path) : Path.of("");
        return new Place(point, point.resolve(below).normalize());
    }

    /**
     * Returns the directory of version 2 in which this process may make a cgroup for another process with these
     * controllers: the nearest above its own that it may write to. Nothing where there is none.
     *
     * @param wanted the controllers that version 1 does not have
     */
    public Optional<Path> delegated(List<String> wanted) {
        if (second.isEmpty()) {
            return Optional.empty();
        }
        List<Path> candidates = new ArrayList<>();
        for (Path at = second.get().own();
                at != null && at.startsWith(second.get().mount());
                at = at.getParent()) {
            candidates.add(at);
        }
        return candidates.stream()
                .filter(directory -> Files.isWritable(directory) && Files.isWritable(directory.resolve("cgroup.procs")))
                .filter(directory -> hasOrEnables(directory, wanted))
                .findFirst();
    }

    private static boolean hasOrEnables(Path directory, List<String> wanted) {
        try {
            Path control = directory.resolve("cgroup.subtree_control");
            if (words(control).containsAll(wanted)) {
                return true;
            }
            if (!words(directory.resolve("cgroup.controllers")).containsAll(wanted)) {
                return false;
            }
            // Refused where processes stand in the directory itself, unless it is the root.
            Files.writeString(control, "+" + String.join(" +", wanted));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    static Set<String> words(Path file) throws IOException {
        return Set.of(Files.readString(file).strip().split("\\s+"));
    }
}
