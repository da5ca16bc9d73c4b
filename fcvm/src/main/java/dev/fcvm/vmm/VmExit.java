package dev.fcvm.vmm;

/** How a machine ended. */
public sealed interface VmExit {

    /** The guest switched itself off. */
    record PoweredOff() implements VmExit {}

    /** The guest reset itself, which ends a machine here. */
    record Reset() implements VmExit {}

    /** The guest's kernel panicked. */
    record Panicked() implements VmExit {}

    /** We killed the monitor. */
    record Killed() implements VmExit {}

    /**
     * The monitor ended by itself.
     *
     * @param exitCode its exit code, 128+N for a signal
     * @param reason its last words, one line
     */
    record MonitorFailed(int exitCode, String reason) implements VmExit {}
}
