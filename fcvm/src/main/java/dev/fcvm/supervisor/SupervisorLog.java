package dev.fcvm.supervisor;

import dev.fcvm.error.IoReason;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.temporal.ChronoUnit;

/**
 * What the supervisor has to tell and nobody is there to hear: lines at the end of a file, which is standard error, so
 * that what Java itself says stands there as well. Never what a caller's command or environment is. Where the file takes
 * no more, nobody is held up: when it does again, it says once how much is missing.
 */
public final class SupervisorLog {

    /** The file never grows beyond this by more than one entry, in bytes; the last one beside it is as large. */
    static final long LARGEST = 256 * 1024;

    private final OutputStream lines;
    private final Path file;
    private final Clock clock;

    private int missing;
    private String why = "";
    private String cut = "";
    private boolean torn;

    /**
     * @param lines where lines go, at once
     * @param file the file that they go to, if they go to a file
     * @param clock for the time before each line
     */
    public SupervisorLog(OutputStream lines, Path file, Clock clock) {
        this.lines = lines;
        this.file = file;
        this.clock = clock;
    }

    /** Writes a line. */
    public synchronized void note(String line) {
        add(line.replaceAll("\\p{Cntrl}", " ") + "\n");
    }

    /** Writes what no user is told: a defect. */
    synchronized void defect(Throwable failure) {
        var trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace, true));
        add("a defect of fcvm: " + trace);
    }

    private void add(String entry) {
        bound();
        String owed = cut + (missing == 0 ? "" : missing + " entries could not be written here: " + why + "\n");
        if (!owed.isEmpty() && !write(owed)) {
            missing++;
            return;
        }
        cut = "";
        missing = write(entry) ? 0 : 1;
    }

    private boolean write(String entry) {
        String line = clock.instant().truncatedTo(ChronoUnit.MILLIS) + " " + entry;
        try {
            lines.write((torn ? "\n" + line : line).getBytes(StandardCharsets.UTF_8));
            lines.flush();
            torn = false;
            return true;
        } catch (IOException full) {
            torn = true; // a part of it may stand there
            why = IoReason.of(full);
            return false;
        }
    }

    /** The last file is kept beside it; whoever writes goes on at the beginning of this one. */
    private void bound() {
        Path kept = file.resolveSibling(file.getFileName() + ".1");
        Path copy = file.resolveSibling(file.getFileName() + ".new");
        try {
            if (!Files.exists(file) || Files.size(file) <= LARGEST) {
                return;
            }
            try {
                Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
                Files.move(copy, kept, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(copy);
                truncate(); // kept or not: it must not grow
            }
        } catch (IOException full) {
            cut = "what stood here before could not be kept: " + IoReason.of(full) + "\n";
        }
    }

    private void truncate() throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(0);
        }
    }
}
