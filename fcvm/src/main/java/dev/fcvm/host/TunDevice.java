package dev.fcvm.host;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import java.nio.file.Files;
import java.nio.file.Path;

/** The device that makes taps, {@code /dev/net/tun}; see the kernel's Documentation/networking/tuntap.rst. */
public final class TunDevice {

    private static final Path FILE = Path.of("/dev/net/tun");

    private TunDevice() {}

    /** Returns whether this user can make a tap. */
    public static boolean isOpenToUser() {
        return isOpenToUser(FILE);
    }

    private static boolean isOpenToUser(Path device) {
        return Files.isReadable(device) && Files.isWritable(device);
    }

    /**
     * Checks that this user can give a machine a network.
     *
     * @throws FcvmException when the device is not there, or may not be opened
     */
    public static void require() throws FcvmException {
        require(FILE);
    }

    static void require(Path device) throws FcvmException {
        if (!Files.exists(device)) {
            throw refused(device, "is not there", "sudo modprobe tun");
        }
        if (!isOpenToUser(device)) {
            throw refused(device, "may not be opened by this user", "sudo chmod 0666 " + device);
        }
    }

    private static FcvmException refused(Path device, String what, String remedy) {
        return new FcvmException(
                Kind.HOST,
                "cannot give the machine a network: %s %s; mend it with: %s, or use --network none"
                        .formatted(device, what, remedy));
    }
}
