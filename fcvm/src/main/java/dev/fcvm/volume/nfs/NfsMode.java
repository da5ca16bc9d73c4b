package dev.fcvm.volume.nfs;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.settings.Settings;
import dev.fcvm.volume.AttachedMapping;
import dev.fcvm.volume.LiveSource;
import dev.fcvm.volume.Mapping;
import dev.fcvm.volume.MappingMode;
import dev.fcvm.volume.MappingPlace;
import java.nio.file.Files;

/**
 * A file system of the host is served by an NFS server that runs in the machine's own network namespace, so that nobody
 * else reaches it, and is mounted by the guest's kernel.
 */
public final class NfsMode implements MappingMode {

    @Override
    public void check(Mapping.HostDirectory wanted, boolean rootless, Settings settings) throws FcvmException {
        if (rootless) {
            throw new FcvmException(
                    Kind.USAGE,
                    "cannot map %s to %s by NFS: that takes root's machines (--mode privileged); use mode=sshfs, which is as live"
                            .formatted(wanted.source(), wanted.target()));
        }
        LiveSource.refuseWordsOfCopies(wanted);
        LiveSource source = LiveSource.find(wanted, settings);
        if (source.only().isPresent() || !Files.exists(source.directory())) {
            throw new FcvmException(
                    Kind.USAGE,
                    "cannot map %s to %s by NFS: only a directory that is there can be; use mode=sshfs"
                            .formatted(wanted.source(), wanted.target()));
        }
        FileSystems.requireWhole(source.directory(), wanted.target());
        NfsServer.requireTools();
    }

    @Override
    public AttachedMapping attach(Mapping.HostDirectory wanted, int number, MappingPlace place) throws FcvmException {
        check(wanted, place.rootless(), place.settings());
        return new NfsMapping(wanted, number, place);
    }

    @Override
    public AttachedMapping adopt(Mapping.HostDirectory wanted, int number, MappingPlace place) {
        return new NfsMapping(wanted, number, place);
    }
}
