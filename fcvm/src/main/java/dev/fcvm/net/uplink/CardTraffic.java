package dev.fcvm.net.uplink;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much passes a machine's network card. */
public final class CardTraffic {

    private static final int RECEIVED = 1;
    private static final int SENT = 9;

    private CardTraffic() {}

    /**
     * Returns how many packets have passed, both ways together; 0 where there is no card.
     *
     * @param process one in the machine's namespaces
     * @throws IOException when the process is gone
     */
    public static long packets(long process) throws IOException {
        return packets(Files.readString(Path.of("/proc/" + process + "/net/dev")));
    }

    /** Reads {@code /proc/PID/net/dev}. */
    static long packets(String devices) throws IOException {
        for (String line : devices.lines().toList()) {
            String device = line.strip();
            if (device.startsWith(Inside.TAP + ":")) {
                String[] words =
                        device.substring(Inside.TAP.length() + 1).strip().split("\\s+", -1);
                if (words.length <= SENT) {
                    throw new IOException("a line of /proc/PID/net/dev is cut short");
                }
                return Long.parseLong(words[RECEIVED]) + Long.parseLong(words[SENT]);
            }
        }
        return 0;
    }
}
