package dev.fcvm.volume.set;

import dev.fcvm.error.FcvmException;
import dev.fcvm.volume.MapMode;
import dev.fcvm.volume.MappingMode;
import dev.fcvm.volume.block.BlockMode;
import dev.fcvm.volume.sftp.SshfsMode;

/** The ways there are to bring a directory into a machine. */
final class Modes {

    private Modes() {}

    /** Finds the code of a mode. */
    static MappingMode of(MapMode mode) throws FcvmException {
        return switch (mode) {
            case BLOCK -> new BlockMode();
            case SSHFS -> new SshfsMode();
            case NFS ->
                throw new FcvmException(
                        FcvmException.Kind.USAGE,
                        "mode=nfs is not there yet; use mode=" + MapMode.SSHFS.word());
        };
    }
}
