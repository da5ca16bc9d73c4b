package dev.fcvm.supervisor;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.temporal.ChronoUnit;

/**
 * What the supervisor has to tell and nobody is there to hear: lines at the end of a file, which is standard error, so
 * that what Java itself says stands there as well. Never what a caller's command or environment is.
 */
public final class SupervisorLog {

    private static final long LARGEST = 256 * 1024;

    private final PrintStream lines;
    private final Path file;
    private final Clock clock;

    /**
     * @param lines where lines go
     * @param file the file that they go to, if they go to a file
     * @param clock for the time before each line
     */
    public SupervisorLog(PrintStream lines, Path file, Clock clock) {
        this.lines = lines;
        this.file = file;
        this.clock = clock;
    }

    /** Writes a line. */
    public synchronized void note(String line) {
        lines.println(clock.instant().truncatedTo(ChronoUnit.MILLIS) + " " + line.replaceAll("\\p{Cntrl}", " "));
        lines.flush();
        bound();
    }

    /** Writes what no user is told: a defect. */
    synchronized void defect(Throwable failure) {
        note("a defect of fcvm: " + failure);
        failure.printStackTrace(lines);
        bound();
    }

    /** The last file is kept beside it; whoever writes goes on at the beginning of this one. */
    private void bound() {
        try {
            if (Files.exists(file) && Files.size(file) > LARGEST) {
                Files.copy(file, file.resolveSibling(file.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    channel.truncate(0);
                }
            }
        } catch (IOException full) {
            lines.println("the log cannot be cut: " + full);
        }
    }
}
