package dev.fcvm.vmm.confine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.Pending;
import dev.fcvm.host.confine.CgroupEntry;
import dev.fcvm.host.confine.CgroupTree;
import dev.fcvm.host.confine.Systemd;
import dev.fcvm.host.confine.SystemdScope;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.host.process.MachineProcesses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The cgroups of one machine: one in version 2's tree, or one in each hierarchy of version 1, or both on a host that
 * has some controllers here and some there. Where systemd keeps version 2's tree, the machine's lies in a scope of its own. Where
 * none can be had, there are none: a user to whom no cgroup is delegated may not limit anything. To be closed when the machine's
 * first process is in them.
 */
public final class Cgroups implements AutoCloseable {

    private static final int PERIOD_MICROS = 100_000;
    /** A tenth of what others have, since nice values count within a cgroup only; with less a guest's clocks run out. */
    private static final String FEW_SHARES = "102";

    private static final String LITTLE_WEIGHT = "10";

    private final List<Path> directories;
    private final Optional<SystemdScope> scope;

    private Cgroups(List<Path> directories, Optional<SystemdScope> scope) {
        this.directories = List.copyOf(directories);
        this.scope = scope;
    }

    /**
     * Makes them, with their limits.
     *
     * @param journal where they are written down before
     */
    static Cgroups create(MachineId machine, Limits limits, Journal journal)
            throws FcvmException, InterruptedException {
        try {
            CgroupTree tree = CgroupTree.ofHost();
            String name = MachineProcesses.CGROUP_PREFIX + machine.value();
            List<Path> made = new ArrayList<>();
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
            if (elsewhere.isEmpty() || tree.second().isEmpty()) {
                return new Cgroups(made, Optional.empty());
            }
            Optional<SystemdScope> scope = scope(machine, name, elsewhere, journal);
            try (Pending opened = new Pending(() -> scope.ifPresent(SystemdScope::close))) {
                if (scope.isPresent()) {
                    made.add(scope.get().child(name));
                    limitSecond(elsewhere, made.getLast(), limits);
                } else {
                    Optional<Path> parent = tree.delegated(elsewhere);
                    if (parent.isPresent()) {
                        make(parent.get().resolve(name), journal, made);
                        limitSecond(elsewhere, made.getLast(), limits);
                    }
                }
                opened.handOver();
            }
            return new Cgroups(made, scope);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Returns a scope with the machine's cgroup in it; nothing where there is no systemd that makes one. */
    private static Optional<SystemdScope> scope(
            MachineId machine, String name, List<String> controllers, Journal journal)
            throws FcvmException, InterruptedException {
        Optional<Systemd> systemd = Systemd.ofHost();
        if (systemd.isEmpty()) {
            return Optional.empty();
        }
        MachineScope owned = MachineScope.of(machine);
        journal.acquire(owned);
        try (Pending undo = new Pending(() -> journal.release(owned))) {
            SystemdScope scope = systemd.get().open(owned.unit(), new MachineProcesses(machine).tag());
            MachineCgroup group = new MachineCgroup(scope.child(name));
            try (Pending opened = new Pending(() -> {
                scope.close();
                journal.release(group);
            })) {
                journal.acquire(group);
                scope.divide(name, controllers);
                opened.handOver();
            }
            undo.handOver();
            return Optional.of(scope);
        } catch (IOException | FcvmException refused) {
            // The way without systemd is next. For whom there is none, HostLimits has tried this one, and they were
            // told.
            return Optional.empty();
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

    private static void limitSecond(List<String> controllers, Path directory, Limits limits) throws IOException {
        for (String controller : controllers) {
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
    }

    private static int quota(Limits limits) {
        return limits.cpuPercent() * (PERIOD_MICROS / 100);
    }

    private static void write(Path directory, String file, String value) throws IOException {
        Files.writeString(directory.resolve(file), value);
    }

    /** Returns how a process gets into them. */
    public CgroupEntry entry() throws FcvmException {
        try {
            return CgroupTree.entry(directories);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private static FcvmException failed(IOException why) {
        return new FcvmException(Kind.HOST, "cannot limit the machine by a cgroup: " + why, why);
    }

    @Override
    public void close() {
        scope.ifPresent(SystemdScope::close);
    }
}
