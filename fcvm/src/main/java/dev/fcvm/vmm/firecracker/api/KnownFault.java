package dev.fcvm.vmm.firecracker.api;

import java.util.List;
import java.util.stream.Stream;

/** Faults of single versions of Firecracker that we refuse to run into, or warn of: the one table of them. */
public enum KnownFault {
    /** https://github.com/firecracker-microvm/firecracker/pull/5516: at a number it does not know it gives up for good. */
    BALLOON_STATISTICS_LOST(
            "1.1.0",
            "1.14.0",
            "has no statistics of the balloon of a guest whose kernel tells more than it knows, as Linux 6.12 does:"
                    + " take 1.14.0"),
    /** https://github.com/firecracker-microvm/firecracker/pull/5958. */
    LINK_DEAD_AFTER_RESTORE(
            "1.16.0", "1.16.1", "may lose the link to a restored machine: restore it with 1.16.1 or newer"),
    /** https://github.com/firecracker-microvm/firecracker/pull/6100. */
    LINK_HANGS_AFTER_RESUME(
            "1.16.0", "1.17.0", "loses the link to a machine that is paused and goes on: do not pause, or take 1.17.0"),
    /** https://github.com/firecracker-microvm/firecracker/pull/5705, for machines with more than 3 GiB. */
    DIFF_CORRUPT("1.14.0", "1.14.2", "writes corrupt diff snapshots of large machines: take 1.14.2, or make full ones");

    private final String first;
    private final String mended;
    private final String what;

    KnownFault(String first, String mended, String what) {
        this.first = first;
        this.mended = mended;
        this.what = what;
    }

    /** Tells whether a version has it. */
    public boolean isIn(FirecrackerVersion version) {
        return version.isAtLeast(FirecrackerVersion.of(first)) && !version.isAtLeast(FirecrackerVersion.of(mended));
    }

    /** Says in one line what a version does wrong, and what to do. */
    public String describe(FirecrackerVersion version) {
        return "firecracker %s %s".formatted(version, what);
    }

    /** Returns what the user of a running machine should know, one line each. */
    public static List<String> warnings(FirecrackerVersion version) {
        // The others are met by calls that are refused.
        return Stream.of(LINK_HANGS_AFTER_RESUME)
                .filter(fault -> fault.isIn(version))
                .map(fault -> fault.describe(version))
                .toList();
    }
}
