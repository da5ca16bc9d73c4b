package dev.fcvm.vmm.firecracker.api;

import java.util.Optional;

/**
 * What Firecracker learnt after the oldest version this driver speaks to: the one table of it, from the API
 * descriptions of its tagged versions. What a version does not know is left out where its absence means the same, and
 * refused where it does not.
 */
public enum Feature {
    CPU_CONFIG("1.4.0", "custom CPU configuration", "leave it out"),
    ENTROPY("1.4.0", "entropy device", "leave it out"),
    VHOST_USER_DRIVE("1.6.0", "disk by vhost-user", "use a disk image"),
    LOG_MODULE("1.6.0", "filter of the log by module", "leave it out"),
    HUGE_PAGES("1.7.0", "choice of huge pages", "leave it out"),
    NETWORK_OVERRIDES("1.12.0", "other tap for a snapshot to restore", "restore it with the taps it was made with"),
    IMDS_COMPATIBILITY("1.13.0", "compatibility of MMDS with IMDS", "leave it out"),
    /** Older ones know it by another name, under which it is then sent. */
    TRACK_DIRTY_PAGES_ON_LOAD("1.13.0", "tracking of dirty pages for a snapshot to restore", "leave it out"),
    BALLOON_HINTING("1.14.0", "free page hinting of the balloon", "leave it out"),
    BALLOON_REPORTING("1.14.0", "free page reporting of the balloon", "leave it out"),
    SERIAL("1.14.0", "configuration of the serial console", "leave it out"),
    PMEM("1.14.0", "pmem device", "use a disk"),
    MEMORY_HOTPLUG("1.14.0", "memory to plug in later", "give the machine all its memory at once"),
    /** 1.14.4 got it, too, after 1.15.0. */
    CLOCK_REALTIME("1.15.1", "way to set the clock of a restored machine", "set the clock in the guest") {
        @Override
        boolean isIn(FirecrackerVersion version) {
            return super.isIn(version) || (version.minor() == 14 && version.isAtLeast(FirecrackerVersion.of("1.14.4")));
        }
    },
    VSOCK_OVERRIDE(
            "1.16.0", "other vsock socket for a snapshot to restore", "restore it with the path it was made with"),
    MTU("1.16.0", "MTU for network interfaces", "leave it out and set it in the guest"),
    SERIAL_RATE_LIMITER("1.16.0", "rate limiter for the serial console", "leave it out"),
    PMEM_RATE_LIMITER("1.16.0", "rate limiter for pmem devices", "leave it out"),
    DEVICE_HOTPLUG("1.16.0", "way to detach a device", "boot another machine without it"),
    TRANSPARENT_HUGE_PAGES("1.17.0", "transparent huge pages", "leave them out"),
    HUGE_PAGES_ON_LOAD("1.17.0", "choice of huge pages for a snapshot to restore", "leave it out"),
    METRICS_LABELS("1.17.0", "id and properties in its metrics", "leave them out");

    private final String since;
    private final String what;
    private final String instead;

    Feature(String since, String what, String instead) {
        this.since = since;
        this.what = what;
        this.instead = instead;
    }

    /** Tells whether a version has it; one newer than all we know has everything. */
    boolean isIn(FirecrackerVersion version) {
        return version.isAtLeast(FirecrackerVersion.of(since));
    }

    /** Explains to the user why it cannot be had, when this version has it not. */
    public Optional<String> refusal(FirecrackerVersion version) {
        return isIn(version)
                ? Optional.empty()
                : Optional.of("firecracker %s has no %s; it came with %s: take a newer one, or %s"
                        .formatted(version, what, since, instead));
    }
}
