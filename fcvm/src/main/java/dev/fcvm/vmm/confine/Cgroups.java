package dev.fcvm.vmm.confine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.MachineProcesses;
import dev.fcvm.host.confine.CgroupTree;
import dev.fcvm.host.journal.Journal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The cgroups of one machine: one in version 2's tree, or one in each hierarchy of version 1, or both on a host that
 * has some controllers here and some there. Where none can be had, there are none: a user to whom no cgroup is delegated
 * may not limit anything.
 *
 * @param directories the cgroups
 */
record Cgroups(List<Path> directories) {

    private static final int PERIOD_MICROS = 100_000;
    /** A tenth of what others have, since nice values count within a cgroup only; with less a guest's clocks run out. */
    private static final String FEW_SHARES = "102";

    private static final String LITTLE_WEIGHT = "10";

    /**
     * Makes them, with their limits.
     *
     * @param journal where they are written down before
     */
    static Cgroups create(MachineId machine, Limits limits, Journal journal) throws FcvmException {
        List<Path> made = new ArrayList<>();
        try {
            CgroupTree tree = CgroupTree.ofHost();
            String name = MachineProcesses.CGROUP_PREFIX + machine.value();
            List<String> elsewhere = new ArrayList<>();
            for (String controller : CgroupTree.CONTROLLERS) {
                CgroupTree.Place place = tree.first().get(controller);
                if (place == null) {
                    elsewhere.add(controller);
                } else if (Files.isWritable(place.own())) {
                    // Below our own: what limits us limits the machine as well.
                    Path directory = place.own().resolve(name);
                    make(directory, journal, made);
                    limitFirst(controller, directory, limits);
                }
            }
            if (!elsewhere.isEmpty()) {
                var parent = tree.delegated(elsewhere);
                if (parent.isPresent()) {
                    Path directory = parent.get().resolve(name);
                    make(directory, journal, made);
                    for (String controller : elsewhere) {
                        limitSecond(controller, directory, limits);
                    }
                }
            }
            return new Cgroups(List.copyOf(made));
        } catch (IOException e) {
            throw new FcvmException(Kind.HOST, "cannot limit the machine by a cgroup: " + e, e);
        }
    }

    private static void make(Path directory, Journal journal, List<Path> made) throws FcvmException, IOException {
        if (!made.contains(directory)) { // version 1's controllers may share a hierarchy
            journal.acquire(new MachineCgroup(directory));
            Files.createDirectory(directory);
            made.add(directory);
        }
    }

    private static void limitFirst(String controller, Path directory, Limits limits) throws IOException {
        switch (controller) {
            case "memory" -> write(directory, "memory.limit_in_bytes", Long.toString(limits.memoryBytes()));
            case "cpu" -> {
                write(directory, "cpu.cfs_period_us", Integer.toString(PERIOD_MICROS));
                write(directory, "cpu.cfs_quota_us", Integer.toString(quota(limits)));
                if (limits.yielding()) {
                    write(directory, "cpu.shares", FEW_SHARES);
                }
            }
            case "pids" -> write(directory, "pids.max", Integer.toString(limits.tasks()));
            default -> throw new IllegalArgumentException(controller);
        }
    }

    private static void limitSecond(String controller, Path directory, Limits limits) throws IOException {
        switch (controller) {
            case "memory" -> write(directory, "memory.max", Long.toString(limits.memoryBytes()));
            case "cpu" -> {
                write(directory, "cpu.max", quota(limits) + " " + PERIOD_MICROS);
                if (limits.yielding()) {
                    write(directory, "cpu.weight", LITTLE_WEIGHT);
                }
            }
            case "pids" -> write(directory, "pids.max", Integer.toString(limits.tasks()));
            default -> throw new IllegalArgumentException(controller);
        }
    }

    private static int quota(Limits limits) {
        return limits.cpuPercent() * (PERIOD_MICROS / 100);
    }

    private static void write(Path directory, String file, String value) throws IOException {
        Files.writeString(directory.resolve(file), value);
    }

    /** Returns the files a process registers itself with. */
    List<String> registers() {
        return directories.stream()
                .map(directory -> directory.resolve("cgroup.procs").toString())
                .toList();
    }
}
