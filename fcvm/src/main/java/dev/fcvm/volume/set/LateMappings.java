package dev.fcvm.volume.set;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.Pending;
import dev.fcvm.host.Uninterrupted;
import dev.fcvm.settings.Settings;
import dev.fcvm.volume.AttachedMapping;
import dev.fcvm.volume.MapMode;
import dev.fcvm.volume.Mapping;
import dev.fcvm.volume.MappingPlace;
import dev.fcvm.volume.SyncMode;
import dev.fcvm.volume.sftp.SshfsMode;
import java.util.Optional;

/** Mappings that a machine gets while it runs. */
public final class LateMappings {

    private LateMappings() {}

    /**
     * Refuses what cannot be, before anything is touched.
     *
     * @param rootless whether the machine runs without root's privileges
     */
    public static void check(Mapping.HostDirectory wanted, boolean rootless, Settings settings)
            throws FcvmException, InterruptedException {
        if (wanted.mode() == MapMode.NFS || !wanted.options().isEmpty() || wanted.sync() == SyncMode.NONE) {
            throw new FcvmException(
                    Kind.USAGE,
                    "cannot map " + wanted.source() + " to " + wanted.target()
                            + " while the machine runs: that takes mode=sshfs or mode=block, without Podman's words, and"
                            + " changes come back (sync=back); start it with what else is wanted");
        }
        Modes.of(wanted.mode()).check(wanted, rootless, settings);
    }

    /**
     * Makes one ready.
     *
     * @param number that none of the machine's has
     */
    public static AttachedMapping attach(Mapping.HostDirectory wanted, int number, MappingPlace place)
            throws FcvmException, InterruptedException {
        AttachedMapping attached = Modes.of(wanted.mode()).attach(wanted, number, place);
        try (Pending half = new Pending(() -> {
            try (attached) {
                Uninterrupted.run(attached::takeBack);
            }
        })) {
            AttachedMapping served = served(attached, wanted, number, place);
            half.handOver();
            return served;
        }
    }

    /** Takes over one of a machine that runs and that nobody supervises. */
    public static AttachedMapping adopt(Mapping.HostDirectory wanted, int number, MappingPlace place)
            throws FcvmException, InterruptedException {
        return served(Modes.of(wanted.mode()).adopt(wanted, number, place), wanted, number, place);
    }

    private static AttachedMapping served(
            AttachedMapping attached, Mapping.HostDirectory wanted, int number, MappingPlace place)
            throws FcvmException {
        Optional<AttachedMapping.Disk> disk = attached.disk();
        if (disk.isEmpty()) {
            return attached;
        }
        return new ServedCopy(
                disk.get().file(),
                attached,
                SshfsMode.disk(disk.get().file(), !wanted.readOnly(), number, wanted.target(), place));
    }
}
