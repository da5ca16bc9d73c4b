package dev.fcvm.guest.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The guest kernel's uptime. */
public final class Uptime {

    private Uptime() {}

    /** Returns it in milliseconds; 0 where the kernel does not say. */
    public static long millis(Path file) {
        try {
            return parse(Files.readString(file));
        } catch (IOException e) {
            return 0;
        }
    }

    /** Seconds with two decimals come first: {@code "12.34 56.78"}. */
    static long parse(String text) {
        long hundredths = 0;
        int i = 0;
        for (; i < text.length() && text.charAt(i) != ' '; i++) {
            char c = text.charAt(i);
            if (c >= '0' && c <= '9') {
                hundredths = hundredths * 10 + (c - '0');
            }
        }
        return hundredths * 10;
    }
}
