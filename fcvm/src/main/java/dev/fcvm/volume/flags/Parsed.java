package dev.fcvm.volume.flags;

import dev.fcvm.volume.Mapping;

/** What becomes of one flag. */
sealed interface Parsed {

    /** fcvm carries it out. */
    record Ours(Mapping mapping) implements Parsed {}

    /** Podman in the guest does; the flag joined to its value. */
    record Podmans(String flag) implements Parsed {}
}
