package dev.fcvm.vmm.confine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.journal.Resource;
import dev.fcvm.host.journal.ResourceKind;
import dev.fcvm.host.process.MachineProcesses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** A cgroup of a machine's; its name ends in the machine's id. */
record MachineCgroup(Path directory) implements Resource {

    static final ResourceKind KIND = new ResourceKind("cgroup", fields -> {
        Path directory = fields.path("directory");
        if (!String.valueOf(directory.getFileName()).matches(MachineProcesses.CGROUP_PREFIX + "[0-9a-f]{32}")) {
            throw new IOException("it is no machine's cgroup: " + directory);
        }
        return new MachineCgroup(directory);
    });

    /** A cgroup can be removed once the kernel has buried its last process. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final Duration PAUSE = Duration.ofMillis(1);

    /** What is still in it by then does not end by itself. */
    private static final Duration LENIENCE = Duration.ofSeconds(1);

    private MachineId machine() {
        return new MachineId(
                String.valueOf(directory.getFileName()).substring(MachineProcesses.CGROUP_PREFIX.length()));
    }

    @Override
    public String kind() {
        return KIND.name();
    }

    @Override
    public Map<String, String> fields() {
        return Map.of("directory", directory.toString());
    }

    @Override
    public void release() throws FcvmException, InterruptedException {
        long begin = System.nanoTime();
        while (true) {
            try {
                Files.deleteIfExists(directory);
                return;
            } catch (IOException busy) {
                long waited = System.nanoTime() - begin;
                if (waited > PATIENCE.toNanos()) {
                    throw new FcvmException(
                            Kind.HOST,
                            "cannot remove the cgroup %s: %s; see who is in it with: cat %s/cgroup.procs"
                                    .formatted(directory, IoReason.of(busy), directory),
                            busy);
                }
                if (waited > LENIENCE.toNanos()) {
                    // Whoever is in a machine's own cgroup is the machine's, and its monitor has ended: what was
                    // started
                    // late, such as a helper whose machine failed at that moment, would stay for ever.
                    new MachineProcesses(machine()).killAll();
                }
                Thread.sleep(PAUSE);
            }
        }
    }
}
