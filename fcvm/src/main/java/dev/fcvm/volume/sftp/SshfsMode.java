package dev.fcvm.volume.sftp;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.tree.ConfinedTree;
import dev.fcvm.host.tree.TreeException;
import dev.fcvm.host.tree.TreeNode;
import dev.fcvm.host.tree.TreePath;
import dev.fcvm.host.user.Caller;
import dev.fcvm.settings.Settings;
import dev.fcvm.volume.AttachedMapping;
import dev.fcvm.volume.IdMap;
import dev.fcvm.volume.LiveSource;
import dev.fcvm.volume.Mapping;
import dev.fcvm.volume.MappingMode;
import dev.fcvm.volume.MappingPlace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/** A directory is served by SFTP over the machine's link, and mounted by sshfs in the guest. */
public final class SshfsMode implements MappingMode {

    @Override
    public void check(Mapping.HostDirectory wanted, boolean rootless, Settings settings) throws FcvmException {
        LiveSource.refuseWordsOfCopies(wanted);
        LiveSource source = LiveSource.find(wanted, settings);
        if (!Files.exists(source.directory())) {
            return; // it is to be made
        }
        try (ConfinedTree tree = ConfinedTree.open(source.directory());
                TreeNode root = tree.find(TreePath.root())) {
            root.status();
        } catch (TreeException e) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot map %s to %s: this kernel does not confine it (openat2, Linux 5.6): %s; use mode=block"
                            .formatted(wanted.source(), wanted.target(), e.getMessage()),
                    e);
        }
    }

    @Override
    public AttachedMapping attach(Mapping.HostDirectory wanted, int number, MappingPlace place) throws FcvmException {
        return mapping(wanted, LiveSource.make(wanted, place.settings()), number, place);
    }

    /** A machine that runs goes on without a directory that is gone; whoever uses it there gets I/O errors. */
    @Override
    public AttachedMapping adopt(Mapping.HostDirectory wanted, int number, MappingPlace place) {
        LiveSource source;
        try {
            source = LiveSource.find(wanted, place.settings());
        } catch (FcvmException gone) {
            place.warn().accept(String.valueOf(gone.getMessage()));
            source = new LiveSource(wanted.source(), Optional.empty());
        }
        return mapping(wanted, source, number, place);
    }

    private static SshfsMapping mapping(
            Mapping.HostDirectory wanted, LiveSource source, int number, MappingPlace place) {
        var share =
                new Share(source.directory(), source.only(), !wanted.readOnly(), identities(wanted, place.rootless()));
        return new SshfsMapping(number, wanted.target(), share, place.warn());
    }

    /**
     * Serves a disk: its content may change, and nothing else of it.
     *
     * @param disk in a directory of the machine's own
     */
    public static AttachedMapping disk(Path disk, boolean writable, int number, String target, MappingPlace place)
            throws FcvmException {
        try {
            var share = new Share(
                    place.directory(),
                    Optional.of(String.valueOf(disk.getFileName())),
                    OptionalLong.of(Files.size(disk)),
                    writable,
                    Identities.same());
            return new SshfsMapping(number, target, share, place.warn());
        } catch (IOException gone) {
            throw new FcvmException(
                    Kind.HOST, "cannot serve " + disk + " at " + target + ": " + IoReason.of(gone), gone);
        }
    }

    private static Identities identities(Mapping.HostDirectory wanted, boolean rootless) {
        Caller caller = Caller.ofProcess();
        IdMap usual = rootless && caller.uid() != 0 ? IdMap.USER : IdMap.HOST;
        if (wanted.ids().orElse(usual) == IdMap.HOST) {
            return Identities.same();
        }
        return Identities.ofUser((int) caller.uid(), (int) caller.gid());
    }
}
