package dev.fcvm.host.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a process takes of the host's memory. */
public final class ProcessMemory {

    private static final Pattern OWN = Pattern.compile("^Rss(?:Anon|Shmem):\\s+([0-9]{1,15}) kB", Pattern.MULTILINE);

    private ProcessMemory() {}

    /**
     * Returns how many bytes of it are the process's own, and free again when it ends: those of no file, which others have
     * in memory as well (proc_pid_status(5)). 0 of a process that is gone.
     */
    public static long own(long process) {
        return own(Path.of("/proc", Long.toString(process), "status"));
    }

    static long own(Path status) {
        long all = 0;
        try {
            Matcher parts = OWN.matcher(Files.readString(status));
            while (parts.find()) {
                all += Long.parseLong(parts.group(1)) << 10;
            }
            return all;
        } catch (IOException gone) {
            return 0;
        }
    }
}
