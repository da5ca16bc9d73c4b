package dev.fcvm.machine.live;

import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.spec.Resources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Asks this host how much it has.
 *
 * @param processes where /proc is
 * @param groups where the tree of cgroups is
 */
public record HostCapacity(Path processes, Path groups) {

    private static final Pattern TOTAL = Pattern.compile("^MemTotal:\\s+([0-9]+) kB", Pattern.MULTILINE);
    private static final Pattern AVAILABLE = Pattern.compile("^MemAvailable:\\s+([0-9]+) kB", Pattern.MULTILINE);
    private static final Pattern GROUP = Pattern.compile("^0::(/.*)$", Pattern.MULTILINE);

    /** vm.overcommit_memory: memory that is asked for counts as used, whether touched or not (proc_sys_vm(5)). */
    private static final String STRICT = "2";

    /** Returns what this host has; {@code kvm} says whether its machines run on KVM. */
    public static Resources.Capacity ask(boolean kvm) throws FcvmException {
        return new HostCapacity(Path.of("/proc"), Path.of("/sys/fs/cgroup")).capacity(kvm);
    }

    /** Returns how much memory this host would give to whoever asked for it now, in MiB; 0 when it does not tell. */
    public static long availableMib() {
        return new HostCapacity(Path.of("/proc"), Path.of("/sys/fs/cgroup")).available();
    }

    long available() {
        Matcher available = AVAILABLE.matcher(content(processes.resolve("meminfo")));
        return available.find() ? Long.parseLong(available.group(1)) / 1024 : 0;
    }

    Resources.Capacity capacity(boolean kvm) throws FcvmException {
        Path file = processes.resolve("meminfo");
        try {
            Matcher total = TOTAL.matcher(Files.readString(file));
            if (total.find()) {
                long memory = Long.parseLong(total.group(1)) / 1024;
                return new Resources.Capacity(Runtime.getRuntime().availableProcessors(), memory, kvm, share(memory));
            }
        } catch (IOException unreadable) {
            throw new FcvmException(FcvmException.Kind.HOST, "cannot read " + file + ": is /proc mounted?", unreadable);
        }
        throw new FcvmException(FcvmException.Kind.HOST, file + " does not tell how much memory this host has");
    }

    /** Half of what this process could have; little where memory that is asked for counts at once. */
    private long share(long memory) {
        if (content(processes.resolve("sys/vm/overcommit_memory")).equals(STRICT)) {
            return 0;
        }
        long most = memory;
        Matcher group = GROUP.matcher(content(processes.resolve("self/cgroup")));
        if (group.find()) {
            Path own = groups.resolve(group.group(1).substring(1)).normalize();
            for (Path each = own; each != null && each.startsWith(groups); each = each.getParent()) {
                most = Math.min(most, limit(content(each.resolve("memory.max"))));
            }
        }
        return most / 2;
    }

    private static long limit(String text) {
        return text.matches("[0-9]{1,18}") ? Long.parseLong(text) >> 20 : Long.MAX_VALUE;
    }

    private static String content(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return ""; // no such limit here
        }
    }
}
