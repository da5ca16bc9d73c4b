package dev.fcvm.vmm.process;

import dev.fcvm.host.kept.KeptProcess;
import dev.fcvm.host.text.ConsoleText;
import dev.fcvm.host.text.PrintableText;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The log of a guest's serial console: what it said last, in two files that the monitor's keeper writes as long as the
 * monitor lives, whoever else does. They hold what the guest said, byte for byte; what is given out here is harmless to
 * print.
 *
 * @param file the newer one
 */
public record SerialConsole(Path file) {

    /** The most the files hold together, in bytes. */
    public static final int LIMIT = 1 << 20;

    /** How much of the end is searched for lines and for a panic, which prints its trace after its first line. */
    private static final int END = 64 << 10;

    private static final int LINE_LIMIT = 500;
    private static final String PANIC = "Kernel panic - not syncing";
    /** The kernel's last words, at any log level, when it switches the machine off or has no means to. */
    private static final Pattern HALT = Pattern.compile("(?m)^(\\[ *\\d+\\.\\d+] )?reboot: "
            + "(System halted|Power down|Power off not available: System halted instead)$");

    /** Names the console's log of a machine; makes nothing. */
    public static SerialConsole in(Path machine) {
        return new SerialConsole(machine.resolve("console.log"));
    }

    /** Returns all that is kept. */
    public String text() {
        return last(LIMIT);
    }

    /**
     * Returns the last lines, at most this many and none very long, without a line's end behind the last. Of a panicking
     * kernel those up to its panic, since what comes behind is a trace of no use to anybody here.
     */
    public String tail(int lines) {
        List<String> all =
                untilPanic(last(END).lines().filter(line -> !line.isBlank()).toList());
        return String.join(
                "\n",
                all.subList(Math.max(0, all.size() - lines), all.size()).stream()
                        .map(line -> PrintableText.line(line, LINE_LIMIT))
                        .toList());
    }

    private static List<String> untilPanic(List<String> all) {
        for (int line = all.size() - 1; line >= 0; line--) {
            if (all.get(line).contains(PANIC)) {
                return all.subList(0, line + 1);
            }
        }
        return all;
    }

    /** Tells whether the kernel's last words are those of a panic. */
    public boolean endsInPanic() {
        return last(END).contains(PANIC);
    }

    /** Tells whether the kernel has said that it has halted the machine, or is about to switch it off. */
    public boolean saysHalted() {
        return HALT.matcher(last(END)).find();
    }

    /** Returns something that is another when the guest has said more. */
    Object mark() {
        try {
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
            return List.of(now.size(), String.valueOf(now.fileKey()));
        } catch (IOException between) {
            return List.of(); // one file has become the older one, and the next is not there yet
        }
    }

    private String last(int count) {
        try {
            Optional<Object> newer = key(file);
            byte[] end = bytes(file, count);
            Path before = KeptProcess.older(file);
            // What was the newer file may have become the older one since.
            if (end.length < count && !newer.equals(key(before))) {
                byte[] begin = bytes(before, count - end.length);
                byte[] whole = new byte[begin.length + end.length];
                System.arraycopy(begin, 0, whole, 0, begin.length);
                System.arraycopy(end, 0, whole, begin.length, end.length);
                end = whole;
            }
            return ConsoleText.clean(end);
        } catch (IOException e) {
            return "(cannot read %s: %s)".formatted(file, e.getMessage());
        }
    }

    private static Optional<Object> key(Path of) throws IOException {
        try {
            return Optional.ofNullable(
                    Files.readAttributes(of, BasicFileAttributes.class).fileKey());
        } catch (NoSuchFileException none) {
            return Optional.empty();
        }
    }

    /** Not by a channel: those are closed when a thread that uses them is interrupted. */
    private static byte[] bytes(Path of, int count) throws IOException {
        if (!Files.exists(of)) {
            return new byte[0];
        }
        try (RandomAccessFile open = new RandomAccessFile(of.toFile(), "r")) {
            long length = open.length();
            byte[] bytes = new byte[(int) Math.min(length, count)];
            open.seek(length - bytes.length);
            open.readFully(bytes); // it grows, and never shrinks
            return bytes;
        }
    }
}
