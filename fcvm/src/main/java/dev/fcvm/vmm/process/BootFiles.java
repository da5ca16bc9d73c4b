package dev.fcvm.vmm.process;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.vmm.VmSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The files a machine boots from. */
public final class BootFiles {

    private BootFiles() {}

    /**
     * Checks that they are there, before anything is started.
     *
     * @param monitor the monitor's name, for the message
     */
    public static void check(String monitor, VmSpec spec) throws FcvmException {
        for (Path file : Stream.concat(
                        Stream.of(spec.kernel(), spec.initramfs()),
                        spec.drives().stream().map(VmSpec.Drive::file))
                .toList()) {
            if (!Files.isReadable(file)) {
                throw new FcvmException(
                        Kind.NOT_FOUND,
                        "%s cannot boot the machine: %s is not a readable file; has fcvm init been run?"
                                .formatted(monitor, file));
            }
        }
    }
}
