package dev.fcvm.volume.set;

import dev.fcvm.volume.MapMode;
import dev.fcvm.volume.MappingMode;
import dev.fcvm.volume.block.BlockMode;
import dev.fcvm.volume.nfs.NfsMode;
import dev.fcvm.volume.sftp.SshfsMode;

/** The ways there are to bring a directory into a machine. */
public final class Modes {

    private Modes() {}

    /** Finds the code of a mode. */
    public static MappingMode of(MapMode mode) {
        return switch (mode) {
            case BLOCK -> new BlockMode();
            case SSHFS -> new SshfsMode();
            case NFS -> new NfsMode();
        };
    }
}
