package dev.fcvm.vmm;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.ConsoleText;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * The log of a guest's serial console: always drained, so that the guest is never held up, and bounded, so that it
 * cannot fill the host's disk. When the file would grow past {@value #LIMIT} bytes its first part is dropped. What lies
 * in it is harmless to print.
 */
public final class ConsoleLog implements AutoCloseable {

    /** The most the file ever holds, in bytes. */
    public static final int LIMIT = 1 << 20;

    private static final int KEPT = LIMIT / 2;
    private static final int PIECE = 16 << 10;
    /** How much of the end is searched for lines and for a panic, which prints its trace after its first line. */
    private static final int END = 64 << 10;

    private static final int LINE_LIMIT = 500;
    private static final String PANIC = "Kernel panic - not syncing";
    /** The kernel's last words, at any log level, when it switches the machine off or has no means to. */
    private static final Pattern HALT = Pattern.compile("(?m)^(\\[ *\\d+\\.\\d+] )?reboot: "
            + "(System halted|Power down|Power off not available: System halted instead)$");

    /** A line of a kernel's last words and what may stand before it in the same piece. */
    private static final int HALT_ROOM = 100;

    private final Path path;
    /** Not a channel: those are closed when a thread that uses them is interrupted. */
    private final RandomAccessFile file;

    private final ConsoleText text = new ConsoleText();
    private final CountDownLatch drained = new CountDownLatch(1);
    private volatile boolean draining;
    private boolean closed;
    private String trouble = "";
    private String latest = "";
    private Optional<Runnable> onHalt = Optional.empty();

    private ConsoleLog(Path path, RandomAccessFile file) {
        this.path = path;
        this.file = file;
    }

    /**
     * Makes the file, or replaces it; readable for its owner only.
     *
     * @throws FcvmException when it cannot be made
     */
    public static ConsoleLog create(Path path) throws FcvmException {
        try {
            Files.deleteIfExists(path);
            Files.createFile(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            return new ConsoleLog(path, new RandomAccessFile(path.toFile(), "rw"));
        } catch (IOException e) {
            throw new FcvmException(Kind.HOST, "cannot make the console log %s: %s".formatted(path, e.getMessage()), e);
        }
    }

    /** Begins to read a console on a thread of its own (a pipe would hold a virtual thread's carrier); then closes it. */
    public void drain(ReadableByteChannel console) {
        draining = true;
        Thread.ofPlatform().daemon().name("console").start(() -> {
            ByteBuffer piece = ByteBuffer.allocate(PIECE);
            try (console) {
                while (console.read(piece) >= 0) {
                    append(piece.flip());
                    piece.clear();
                }
            } catch (IOException e) {
                note("the console broke off: " + e.getMessage());
            } finally {
                drained.countDown();
            }
        });
    }

    /** Waits until the console has ended, at most this long; returns whether nothing more is being read. */
    public boolean awaitEnd(Duration atMost) throws InterruptedException {
        return !draining || drained.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Returns where the file lies. */
    public Path path() {
        return path;
    }

    /**
     * Returns the last lines, at most this many and none very long, without a line's end behind the last. Of a panicking
     * kernel those up to its panic, since what comes behind is a trace of no use to anybody here.
     */
    public synchronized String tail(int lines) {
        List<String> all =
                untilPanic(end().lines().filter(line -> !line.isBlank()).toList());
        String tail = String.join(
                "\n",
                all.subList(Math.max(0, all.size() - lines), all.size()).stream()
                        .map(line -> line.length() > LINE_LIMIT ? line.substring(0, LINE_LIMIT) + "…" : line)
                        .toList());
        return trouble.isEmpty() ? tail : (tail + "\n(" + trouble + ")").strip();
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
    public synchronized boolean endsInPanic() {
        return end().contains(PANIC);
    }

    /**
     * Has something done as soon as the kernel says that it has halted the machine, or is about to switch it off; at
     * most once, and on the thread that reads the console.
     */
    public synchronized void onHalt(Runnable action) {
        onHalt = Optional.of(action);
        lookForHalt("");
    }

    /** Closes the file, which stays. What the guest says later is lost. Idempotent. */
    @Override
    public synchronized void close() {
        closed = true;
        try {
            file.close();
        } catch (IOException e) {
            note("the log cannot be closed: " + e.getMessage());
        }
    }

    /** Appends one piece; visible to its test. A failing disk must not stop the draining. */
    synchronized void append(ByteBuffer piece) {
        String said = text.next(piece);
        byte[] clean = said.getBytes(StandardCharsets.UTF_8);
        if (closed) {
            return;
        }
        lookForHalt(said);
        try {
            if (file.length() + clean.length > LIMIT) {
                dropFirstPart();
            }
            file.seek(file.length());
            file.write(clean);
        } catch (IOException e) {
            note("the log is incomplete: " + e.getMessage());
        }
    }

    private void lookForHalt(String said) {
        latest += said;
        if (onHalt.isPresent() && HALT.matcher(latest).find()) {
            onHalt.get().run();
            onHalt = Optional.empty();
        }
        latest = latest.substring(Math.max(0, latest.length() - HALT_ROOM));
    }

    private void dropFirstPart() throws IOException {
        byte[] kept = last(file, KEPT);
        int begin = 0; // of a line, and so not within a character
        while (begin < kept.length && kept[begin] != '\n') {
            begin++;
        }
        begin = begin == kept.length ? 0 : begin + 1;
        file.setLength(0);
        file.write(kept, begin, kept.length - begin);
    }

    private String end() {
        try {
            if (!closed) {
                return new String(last(file, END), StandardCharsets.UTF_8);
            }
            try (RandomAccessFile again = new RandomAccessFile(path.toFile(), "r")) {
                return new String(last(again, END), StandardCharsets.UTF_8);
            }
        } catch (IOException e) {
            return "(cannot read %s: %s)".formatted(path, e.getMessage());
        }
    }

    private static byte[] last(RandomAccessFile from, int count) throws IOException {
        byte[] bytes = new byte[(int) Math.min(from.length(), count)];
        from.seek(from.length() - bytes.length);
        from.readFully(bytes);
        return bytes;
    }

    private synchronized void note(String reason) {
        trouble = reason;
    }
}
