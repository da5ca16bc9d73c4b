package dev.fcvm.volume.set;

import dev.fcvm.error.FcvmException;
import dev.fcvm.volume.MapMode;
import dev.fcvm.volume.MappingMode;
import dev.fcvm.volume.sftp.SshfsMode;

/** The ways there are to bring a directory into a machine. */
final class Modes {

    private Modes() {}

    /** Finds the code of a mode. */
    static MappingMode of(MapMode mode) throws FcvmException {
        return switch (mode) {
            case SSHFS -> new SshfsMode();
            case BLOCK, NFS ->
                throw new FcvmException(
                        FcvmException.Kind.USAGE,
                        "mode=" + mode.word() + " is not there yet; directories cannot be mapped");
        };
    }
}
