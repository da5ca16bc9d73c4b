package dev.fcvm.host.confine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * How a process gets into a machine's cgroups. Mostly it writes itself into files. The kernel lets an ordinary user do so only where
 * both cgroups, and what is above both, are the user's: from a login's session into a scope of the user's own systemd there is no
 * such way, and systemd is asked to move it.
 *
 * @param registers the cgroup.procs files that it registers with, before it does anything else
 * @param before words that go before its command line, and move it; mostly none
 */
public record CgroupEntry(List<String> registers, List<String> before) {

    /** For a process that stays where it is. */
    public static final CgroupEntry NONE = new CgroupEntry(List.of(), List.of());

    /**
     * The system's systemd does it in the user's name, if the process is this user's. The variable names the bus, and is for busctl
     * alone: whatever comes after has nothing of the caller's environment.
     */
    private static final String MOVE = """
            XDG_RUNTIME_DIR=$1 busctl --user call org.freedesktop.systemd1 /org/freedesktop/systemd1 \
            org.freedesktop.systemd1.Manager AttachProcessesToUnit ssau "$2" "$3" 1 $$ </dev/null || exit 1
            shift 3
            exec "$@"
            """;

    public CgroupEntry {
        registers = List.copyOf(registers);
        before = List.copyOf(before);
    }

    /**
     * Works out how a process that this one starts gets into these.
     *
     * @param directories the cgroups
     * @param own the cgroup of version 2 that this process stands in
     * @param systemd the one that makes scopes here
     */
    static CgroupEntry of(Collection<Path> directories, Optional<Path> own, Optional<Systemd> systemd) {
        List<String> registers = directories.stream()
                .map(directory -> directory.resolve("cgroup.procs").toString())
                .distinct()
                .toList();
        List<String> before = new ArrayList<>();
        for (Path directory : directories) {
            if (own.isPresent()
                    && systemd.isPresent()
                    && SystemdScope.holds(directory)
                    && !mayMove(own.get(), directory)) {
                before.addAll(List.of(
                        "sh",
                        "-c",
                        MOVE,
                        "sh",
                        systemd.get().runtime().toString(),
                        SystemdScope.unit(String.valueOf(directory.getFileName())),
                        "/" + directory.getFileName()));
            }
        }
        return new CgroupEntry(registers, before);
    }

    /** See "Delegation Containment" in the kernel's cgroup-v2.rst. */
    private static boolean mayMove(Path from, Path to) {
        Path common = from;
        while (common != null && !to.startsWith(common)) {
            common = common.getParent();
        }
        return common != null && Files.isWritable(common.resolve("cgroup.procs"));
    }
}
