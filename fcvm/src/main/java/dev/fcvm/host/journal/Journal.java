package dev.fcvm.host.journal;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.Uninterrupted;
import dev.fcvm.host.file.AtomicFiles;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What one machine has on the host: a file in the machine's directory with a line for each resource, written before it is
 * acquired, and one more when it has been released. Whoever holds the machine's lock may open it and release everything,
 * also after a {@code kill -9} of whoever acquired it. When nothing is held there is no file.
 *
 * <p>A line that was cut short (by a full disk, or a host that lost power) is one of something that was not acquired,
 * since its writing had not come back. There is one object a file at a time; it may be used by several threads.
 */
public final class Journal {

    private final Path file;
    /** By number, in the order they were acquired. */
    private final Map<Long, Entry> entries = new LinkedHashMap<>();

    private long last;
    /** How long the file is up to the end of its last whole line. */
    private long length;

    private Journal(Path file) {
        this.file = file;
    }

    /**
     * What is held.
     *
     * @param line as it was written
     * @param resource what it means; nothing where this version cannot tell
     * @param trouble why not
     */
    private record Entry(
            JournalLine.Acquired line, @Nullable Resource resource, String trouble) {

        private boolean endsAtSleep() {
            return resource == null || !resource.outlivesSuspension();
        }
    }

    /**
     * Opens a machine's journal and reads it; makes nothing.
     *
     * @param file in the machine's directory
     * @param kinds of all that may be in it
     * @throws FcvmException when it cannot be read
     */
    public static Journal open(Path file, Collection<ResourceKind> kinds) throws FcvmException {
        Map<String, ResourceKind> known = new LinkedHashMap<>();
        kinds.forEach(kind -> known.put(kind.name(), kind));
        Journal journal = new Journal(file.toAbsolutePath().normalize());
        try {
            if (Files.exists(file)) {
                journal.read(Files.readString(file), known);
            }
        } catch (IOException e) {
            throw journal.failed("read", e);
        }
        return journal;
    }

    /** Tells whether something is held according to the journal of this name. */
    public static boolean isPending(Path file) {
        return Files.exists(file);
    }

    private void read(String text, Map<String, ResourceKind> kinds) {
        int end = text.lastIndexOf('\n') + 1;
        List<String> lines = text.substring(0, end).lines().toList();
        for (int index = 0; index < lines.size(); index++) {
            try {
                take(JournalLine.parse(lines.get(index)), kinds);
            } catch (IOException e) {
                // Zeros, perhaps, of a host that lost power. It may have named anything, and that must not be
                // forgotten.
                JournalLine.Acquired unreadable = new JournalLine.Acquired(-1 - index, "?", Map.of());
                entries.put(unreadable.number(), new Entry(unreadable, null, e.getMessage() + ", line " + (index + 1)));
            }
        }
        length = text.substring(0, end).getBytes(StandardCharsets.UTF_8).length;
    }

    private void take(JournalLine line, Map<String, ResourceKind> kinds) {
        last = Math.max(last, line.number());
        switch (line) {
            case JournalLine.Released released -> entries.remove(released.number());
            case JournalLine.Acquired acquired -> entries.put(acquired.number(), entry(acquired, kinds));
        }
    }

    private static Entry entry(JournalLine.Acquired line, Map<String, ResourceKind> kinds) {
        ResourceKind kind = kinds.get(line.kind());
        if (kind == null) {
            return new Entry(line, null, "this version of fcvm does not know what it is");
        }
        try {
            return new Entry(line, kind.reader().read(new Fields(line.fields())), "");
        } catch (IOException e) {
            return new Entry(line, null, IoReason.of(e));
        }
    }

    /** Returns where it lies; an absolute path. */
    public Path file() {
        return file;
    }

    /** Returns what is held, in the order it was acquired; without what this version cannot read. */
    public synchronized List<Resource> held() {
        List<Resource> held = new ArrayList<>();
        for (Entry entry : entries.values()) {
            if (entry.resource() != null) {
                held.add(entry.resource());
            }
        }
        return held;
    }

    /** Tells whether nothing is held. */
    public synchronized boolean isEmpty() {
        return entries.isEmpty();
    }

    /**
     * Writes down that a resource is about to be acquired; the caller then does so. Nothing is to be done when this fails.
     *
     * @throws FcvmException when it cannot be written
     */
    public synchronized void acquire(Resource resource) throws FcvmException {
        JournalLine.Acquired line = new JournalLine.Acquired(last + 1, resource.kind(), resource.fields());
        try {
            append(line.text(), resource.outlivesRestart());
        } catch (IOException e) {
            throw failed("write", e);
        }
        last++;
        entries.put(line.number(), new Entry(line, resource, ""));
    }

    /**
     * Releases a resource that is held, and strikes it out; nothing when none is held that equals it. What cannot be
     * released stays written down.
     */
    public void release(Resource resource) throws FcvmException {
        releaseAll(resource::equals);
    }

    /**
     * Strikes out a resource that is gone by itself, such as a process that has ended; nothing when none is held that
     * equals it.
     */
    public void strike(Resource resource) throws FcvmException {
        for (Entry entry : those(entry -> resource.equals(entry.resource()))) {
            strike(entry);
        }
    }

    /**
     * Releases everything, what was acquired last first, whether or not the thread is interrupted. What fails keeps nothing
     * else from being released; it stays written down, for another try. Idempotent.
     *
     * @throws FcvmException the first failure, with all others suppressed in it
     */
    public void releaseAll() throws FcvmException {
        release(entry -> true);
    }

    /** The same, for those resources alone. */
    public void releaseAll(Predicate<Resource> which) throws FcvmException {
        release(entry -> entry.resource() != null && which.test(entry.resource()));
    }

    /** The same, for all but what stays with a machine that is suspended ({@link Resource#outlivesSuspension}). */
    public void releaseForSleep() throws FcvmException {
        release(Entry::endsAtSleep);
    }

    /** Tells whether something is held that does not stay with a machine that is suspended. */
    public synchronized boolean isOwingAsleep() {
        return entries.values().stream().anyMatch(Entry::endsAtSleep);
    }

    private void release(Predicate<Entry> which) throws FcvmException {
        List<FcvmException> failures = new ArrayList<>();
        for (Entry entry : those(which)) {
            try {
                Resource resource = entry.resource();
                if (resource == null) {
                    throw new FcvmException(
                            Kind.HOST,
                            "cannot release \"%s\", which %s names: %s"
                                    .formatted(entry.line().kind(), file, entry.trouble()));
                }
                Uninterrupted.run(resource::release);
                strike(entry);
            } catch (FcvmException e) {
                failures.add(e);
            }
        }
        if (!failures.isEmpty()) {
            FcvmException first = failures.removeFirst();
            failures.forEach(first::addSuppressed);
            throw first;
        }
    }

    private synchronized List<Entry> those(Predicate<Entry> which) {
        return entries.values().stream().filter(which).toList().reversed();
    }

    private synchronized void strike(Entry entry) throws FcvmException {
        if (entries.remove(entry.line().number()) == null) {
            return; // by another thread, meanwhile
        }
        try {
            if (entries.isEmpty()) {
                Files.deleteIfExists(file);
                length = 0;
            } else {
                append(new JournalLine.Released(entry.line().number()).text(), false);
            }
        } catch (IOException e) {
            throw failed("write", e);
        }
    }

    /** A half line, of this process or one before, is written over. */
    private void append(String text, boolean synced) throws IOException {
        boolean made = !Files.exists(file);
        if (made) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        // Not a channel: those are closed when a thread that uses them is interrupted.
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            open.setLength(length);
            open.seek(length);
            open.write(bytes);
            if (synced) {
                open.getFD().sync();
            }
            length += bytes.length;
        }
        if (made && synced) {
            AtomicFiles.forceDirectory(file.resolveSibling(".").normalize());
        }
    }

    private FcvmException failed(String what, IOException why) {
        return new FcvmException(
                Kind.HOST,
                "cannot %s %s, where what a machine has on the host is written down: %s; look at the disk space and the permissions there"
                        .formatted(what, file, IoReason.of(why)),
                why);
    }
}
