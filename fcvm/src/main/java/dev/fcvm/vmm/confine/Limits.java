package dev.fcvm.vmm.confine;

import dev.fcvm.vmm.VmSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;

/**
 * How much of the host a machine's monitor may take.
 *
 * @param memoryBytes memory, the guest's included
 * @param cpuPercent of one CPU
 * @param tasks processes and threads
 * @param yielding whether others get far more of the CPUs than it
 * @param files open files
 * @param fileBytes the size of a file it writes
 */
record Limits(long memoryBytes, int cpuPercent, boolean yielding, int tasks, int files, long fileBytes) {

    private static final long MIB = 1L << 20;
    /** The monitor's own threads move the guest's bytes; without a share of their own they would take the guest's. */
    private static final int MONITORS_CPU_PERCENT = 50;
    /** slirp4netns, which carries a rootless machine's network in the same cgroup, is one thread. */
    private static final int UPLINKS_CPU_PERCENT = 100;
    /** QEMU has up to 64 threads for its disks. */
    private static final int MONITORS_TASKS = 128;
    /** The jailer's own default; Firecracker makes its table of descriptors as large as this at its start. */
    private static final int FILES = 2048;

    /**
     * Works them out.
     *
     * @param overheadMib what the monitor itself needs beside the guest's memory
     */
    static Limits of(VmSpec spec, int overheadMib) {
        long largest = spec.memoryMib() * MIB; // a snapshot's
        for (VmSpec.Drive drive : spec.drives()) {
            if (!drive.readOnly()) {
                largest = Math.max(largest, size(drive));
            }
        }
        boolean hasUplinkBeside = spec.network().isPresent() && spec.isolation() == VmSpec.Isolation.ROOTLESS;
        return new Limits(
                (spec.memoryMib() + overheadMib) * MIB,
                spec.vcpus() * 100 + MONITORS_CPU_PERCENT + (hasUplinkBeside ? UPLINKS_CPU_PERCENT : 0),
                spec.yielding(),
                spec.vcpus() + MONITORS_TASKS,
                FILES,
                largest + MIB);
    }

    private static long size(VmSpec.Drive drive) {
        try {
            return Files.size(drive.file());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot measure " + drive.file(), e);
        }
    }
}
