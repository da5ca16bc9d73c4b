package dev.fcvm.vmm.confine;

import dev.fcvm.host.confine.CgroupTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** What of a machine's limits this host lets this user have: found out by making cgroups and removing them again. */
public final class HostLimits {

    private HostLimits() {}

    /**
     * Returns the controllers ({@code memory}, {@code cpu}, {@code pids}) by which machines cannot be limited here and
     * now: their hierarchy is not mounted, is read-only, or is not this user's to write to.
     */
    public static List<String> lacking() {
        try {
            return lacking(CgroupTree.ofHost());
        } catch (IOException e) {
            return CgroupTree.CONTROLLERS; // no /proc, no cgroups
        }
    }

    static List<String> lacking(CgroupTree tree) {
        List<String> lacking = new ArrayList<>();
        List<String> elsewhere = new ArrayList<>();
        for (String controller : CgroupTree.CONTROLLERS) {
            Optional<CgroupTree.Place> place = Optional.ofNullable(tree.first().get(controller));
            if (place.isEmpty()) {
                elsewhere.add(controller);
            } else if (!takes(place.get().own())) {
                lacking.add(controller);
            }
        }
        if (!elsewhere.isEmpty()
                && !tree.delegated(elsewhere).map(HostLimits::takes).orElse(false)) {
            lacking.addAll(elsewhere);
        }
        return lacking;
    }

    /** Permissions do not tell: a mount may be read-only, and a limit on the number of cgroups may be reached. */
    private static boolean takes(Path directory) {
        Path trial = directory.resolve("fcvm-trial-" + UUID.randomUUID());
        try {
            Files.createDirectory(trial);
            Files.delete(trial);
            return true;
        } catch (IOException refused) {
            return false;
        }
    }
}
