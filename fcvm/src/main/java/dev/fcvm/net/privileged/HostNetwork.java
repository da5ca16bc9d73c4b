package dev.fcvm.net.privileged;

import java.nio.file.Path;

/**
 * Where privileged uplinks meet on a host.
 *
 * @param claims the directory of claims, common to all of root's data directories: addresses are the whole host's
 * @param template the rules of the host's table, {@code network/nftables-template.nft}
 */
public record HostNetwork(Path claims, Path template) {

    /** Emptied by a reboot, as are the networks themselves. */
    public static final Path CLAIMS = Path.of("/run/fcvm/networks");

    /**
     * Returns the usual one.
     *
     * @param home the root of the distribution
     */
    public static HostNetwork of(Path home) {
        return new HostNetwork(CLAIMS, home.resolve("network").resolve("nftables-template.nft"));
    }

    /** Returns one by which things can be taken back: what makes the table is not needed for that. */
    public static HostNetwork withoutTemplate() {
        return of(Path.of("/nonexistent"));
    }
}
