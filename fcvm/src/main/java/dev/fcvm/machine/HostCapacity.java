package dev.fcvm.machine;

import dev.fcvm.error.FcvmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Asks this host how much it has. */
final class HostCapacity {

    private static final Path MEMORY = Path.of("/proc/meminfo");
    private static final Pattern TOTAL = Pattern.compile("^MemTotal:\\s+([0-9]+) kB", Pattern.MULTILINE);

    private HostCapacity() {}

    static Resources.Capacity ask(boolean kvm) throws FcvmException {
        try {
            Matcher total = TOTAL.matcher(Files.readString(MEMORY));
            if (total.find()) {
                return new Resources.Capacity(
                        Runtime.getRuntime().availableProcessors(), Long.parseLong(total.group(1)) / 1024, kvm);
            }
        } catch (IOException unreadable) {
            throw new FcvmException(
                    FcvmException.Kind.HOST, "cannot read " + MEMORY + ": is /proc mounted?", unreadable);
        }
        throw new FcvmException(FcvmException.Kind.HOST, MEMORY + " does not tell how much memory this host has");
    }
}
