package dev.fcvm.vmm;

import java.nio.file.Path;

/**
 * A machine as its monitor saved it.
 *
 * @param state its processors and devices, in the monitor's own format
 * @param memory its memory, of which restored machines have private copies of what they write to
 * @param version of the monitor, as {@link RunningVm#monitor} gave it; it alone is certain to understand the state
 */
public record VmSnapshot(Path state, Path memory, String version) {

    /** What a monitor calls the first file in {@linkplain VmSpec#EXCHANGE its exchange}. */
    public static final String STATE = "state";

    /** The same of the second. */
    public static final String MEMORY = "memory";
}
