package dev.fcvm.machine.live;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.file.PrivateDirectories;
import dev.fcvm.settings.Mode;
import dev.fcvm.vmm.VmSpec.Isolation;

/** Decides with which privileges a machine is started. */
public final class Isolations {

    private Isolations() {}

    /**
     * Decides for the user of this process.
     *
     * @throws FcvmException when the mode needs a privilege that is not there
     */
    public static Isolation choose(Mode mode) throws FcvmException {
        return choose(mode, PrivateDirectories.currentUser() == 0);
    }

    static Isolation choose(Mode mode, boolean root) throws FcvmException {
        return switch (mode) {
            case ROOTLESS -> Isolation.ROOTLESS;
            case AUTO -> root ? Isolation.PRIVILEGED : Isolation.ROOTLESS;
            case PRIVILEGED -> {
                if (!root) {
                    throw new FcvmException(
                            FcvmException.Kind.USAGE,
                            "--mode privileged needs root; run fcvm with sudo, or use --mode rootless");
                }
                yield Isolation.PRIVILEGED;
            }
        };
    }
}
