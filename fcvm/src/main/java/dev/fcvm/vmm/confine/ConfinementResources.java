package dev.fcvm.vmm.confine;

import dev.fcvm.host.confine.MachineUser;
import dev.fcvm.host.journal.Resource;
import dev.fcvm.host.journal.ResourceKind;
import java.util.List;

/** What a monitor and its confinement may have on the host. */
public final class ConfinementResources {

    private ConfinementResources() {}

    /** Returns the kinds a journal must know to release all of it. */
    public static List<ResourceKind> kinds() {
        return List.of(
                JailTree.KIND,
                MachineUser.KIND,
                FileOwner.KIND,
                MachineScope.KIND,
                MachineCgroup.KIND,
                MonitorProcesses.KIND);
    }

    /** Tells whether a resource is one of a monitor's. */
    public static boolean isOne(Resource resource) {
        return switch (resource) {
            case JailTree _, FileOwner _, MachineScope _, MachineCgroup _, MonitorProcesses _ -> true;
            case MachineUser user -> user.purpose() == MachineUser.Purpose.MONITOR;
            default -> false;
        };
    }
}
