package dev.fcvm.settings;

import java.nio.file.Path;

/**
 * Where fcvm keeps things. Nothing here exists before somebody makes it.
 *
 * @param data the data directory: tools, the base, store disks, machines
 * @param runtime for sockets: short enough for them, gone with the next boot of the host
 */
public record Directories(Path data, Path runtime) {

    /** Returns where {@code fcvm init} puts the tools it fetched. */
    public Path tools() {
        return data.resolve("bin");
    }

    /** Returns where the base lies: kernel, initial file system and root file system. */
    public Path base() {
        return data.resolve("images");
    }

    /** Returns where store disks are kept. */
    public Path store() {
        return data.resolve("store");
    }

    /** Returns where each snapshot has its directory. */
    public Path snapshots() {
        return data.resolve("snapshots");
    }

    /** Returns where each warm base has its directory. */
    public Path warmBases() {
        return data.resolve("warm");
    }

    /** Returns those of machines that fcvm has for itself, which no user sees: the same sockets, all else apart. */
    public Directories behind() {
        return new Directories(data.resolve("warm-making"), runtime);
    }

    /** Returns where each pool has its directory. */
    public Path pools() {
        return data.resolve("pools");
    }

    /** Returns where each machine has its directory. */
    public Path machines() {
        return data.resolve("machines");
    }

    /** Returns where each network that joins machines has its directory. */
    public Path networks() {
        return data.resolve("networks");
    }

    /** Returns where copies of directories are kept that were mapped read-only. */
    public Path copies() {
        return data.resolve("copies");
    }

    /** Returns where each named volume has its directory. */
    public Path volumes() {
        return data.resolve("volumes");
    }

    /** Returns where each secret has its directory. */
    public Path secrets() {
        return data.resolve("secrets");
    }

    /** Returns where each taken name is a file that holds the machine's id. */
    public Path names() {
        return data.resolve("names");
    }
}
