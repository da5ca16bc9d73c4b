package dev.fcvm.vmm.confine;

import dev.fcvm.host.journal.ResourceKind;
import java.util.List;

/** What a monitor and its confinement may have on the host. */
public final class ConfinementResources {

    private ConfinementResources() {}

    /** Returns the kinds a journal must know to release all of it. */
    public static List<ResourceKind> kinds() {
        return List.of();
    }
}
