package dev.fcvm.vmm.confine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.confine.CgroupTree;
import dev.fcvm.host.confine.Systemd;
import dev.fcvm.host.confine.SystemdScope;
import dev.fcvm.host.process.ProcessTag;
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
            CgroupTree tree = CgroupTree.ofHost();
            List<String> lacking = lacking(tree);
            boolean scoped = !lacking.isEmpty()
                    && tree.second().isPresent()
                    && lacking.stream().noneMatch(tree.first()::containsKey)
                    && makesScopes(lacking);
            return scoped ? List.of() : lacking;
        } catch (IOException e) {
            return CgroupTree.CONTROLLERS; // no /proc, no cgroups
        }
    }

    /** Tells whether systemd makes this user a scope with these controllers, which is where machines are then: it is asked for one. */
    private static boolean makesScopes(List<String> controllers) {
        Optional<Systemd> systemd = Systemd.ofHost();
        if (systemd.isEmpty()) {
            return false;
        }
        String unit = SystemdScope.unit("fcvm-trial-" + UUID.randomUUID());
        try {
            try (SystemdScope scope = systemd.get().open(unit, ProcessTag.random("FCVM_TRIAL"))) {
                scope.divide("fcvm-trial", controllers);
                return true;
            } finally {
                systemd.get().end(unit);
            }
        } catch (IOException | FcvmException refused) {
            return false;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /**
     * Tells whether machines end with the last login of this user: where the user has a systemd that is told to end then, and
     * all that is in its scopes with it.
     */
    public static boolean endWithLogin() {
        try {
            CgroupTree tree = CgroupTree.ofHost();
            return tree.second().isPresent()
                    && !tree.first().keySet().containsAll(CgroupTree.CONTROLLERS)
                    && Systemd.ofHost().map(Systemd::endsWithLogin).orElse(false);
        } catch (IOException e) {
            return false; // no /proc, no cgroups
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
