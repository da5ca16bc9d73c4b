package dev.fcvm.net.privileged;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether the host passes packets on from one of its networks to another, without which no machine has a network. */
final class Forwarding {

    private static final Path SETTING = Path.of("/proc/sys/net/ipv4/ip_forward");
    private static final String ON = "1";
    /** What it was before, see {@link ForwardingRecord}. */
    private static final String RECORD = "ip_forward";

    private Forwarding() {}

    /** Turns it on if need be, and returns whether that was so. It stays on, since others may come to need it. */
    static boolean ensure(Path claims) throws FcvmException {
        try {
            String before = Files.readString(SETTING).strip();
            if (before.equals(ON)) {
                return false;
            }
            ForwardingRecord.write(claims, RECORD, before);
            Files.writeString(SETTING, ON);
            return true;
        } catch (IOException e) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot turn on net.ipv4.ip_forward, without which a machine has no network: %s".formatted(e),
                    e);
        }
    }
}
