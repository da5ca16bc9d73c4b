package dev.fcvm.volume.back;

import dev.fcvm.host.nodes.FileStatus;
import dev.fcvm.host.nodes.NodeKind;
import dev.fcvm.host.nodes.OpenDirectory;
import dev.fcvm.volume.ext4.ImageNode;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Gives names to what was written aside, when that is on the disk. The first files are forced there one by one, which is
 * the fastest for a few on a busy disk; when there are more, a whole batch is, with all else of their file system.
 */
final class Settling implements AutoCloseable {

    /** How many are forced out one by one. */
    private static final int FEW = 64;

    /** How much waits at a time at most; it is held in memory. */
    private static final int MOST_WAITING = 10_000;

    /** How many directories are kept open at a time at most. */
    private static final int MOST_OPEN = 200;

    private final Aside aside;
    private final LinkPlaces places;
    private final BackReport report;
    private final Deque<Act> waiting = new ArrayDeque<>();
    private final Set<OpenDirectory> busy = Collections.newSetFromMap(new IdentityHashMap<>());

    /** A directory of each file system that is forced out, open since before anything was written to it. */
    private final Map<Long, OpenDirectory> fileSystems = new HashMap<>();

    private int forced;
    private boolean late;

    /** What is done when all that was written before it is on the disk. */
    private sealed interface Act {}

    /**
     * Something gets its name.
     *
     * @param path of its directory
     * @param guest what it is in the machine
     * @param written the name it has now
     * @param name the one it is to have
     * @param shown that one with its path, for people
     * @param expected what may be replaced
     */
    private record Naming(
            OpenDirectory directory,
            Deque<String> path,
            ImageNode guest,
            String written,
            String name,
            String shown,
            Optional<FileStatus> expected)
            implements Act {

        /** Whatever cannot be removed is by the next try. */
        void discard() {
            try {
                directory.delete(written, NodeKind.FILE);
            } catch (IOException stays) {
                return;
            }
        }
    }

    /** Nothing more will change in a directory. */
    private record Leaving(OpenDirectory directory, Leave last) implements Act {}

    /** What is left to be done to a directory itself. */
    interface Leave {
        void run() throws IOException;
    }

    Settling(Aside aside, LinkPlaces places, BackReport report) {
        this.aside = aside;
        this.places = places;
        this.report = report;
    }

    /**
     * Something is about to be written into a directory.
     *
     * @return whether it is to be forced out at once
     */
    boolean begin(OpenDirectory directory) throws IOException {
        if (busy.add(directory)) {
            aside.removeLeftovers(directory);
        }
        if (forced < FEW) {
            forced++;
            return true;
        }
        watch(directory);
        return false;
    }

    private void watch(OpenDirectory directory) throws IOException {
        late = true;
        long device = directory.status().device();
        if (!fileSystems.containsKey(device)) {
            fileSystems.put(device, directory.again());
        }
    }

    /** What has been written gets its name, unless somebody changes meanwhile what has that. */
    void name(
            OpenDirectory directory,
            Deque<String> path,
            ImageNode guest,
            String written,
            String name,
            String shown,
            Optional<FileStatus> expected)
            throws IOException {
        Deque<String> where = guest.links() > 1 ? new ArrayDeque<>(path) : new ArrayDeque<>();
        if (guest.links() > 1) {
            places.remember(guest, where, written);
        }
        waiting.addLast(new Naming(directory, where, guest, written, name, shown, expected));
        if (waiting.size() >= MOST_WAITING) {
            flush();
        }
    }

    /**
     * A directory is done with, and closed when all in it has its name.
     *
     * @param touched whether something in it has changed
     * @param last what is left to be done to it
     */
    void leave(OpenDirectory directory, boolean touched, Leave last) throws IOException {
        boolean waits = busy.contains(directory);
        if (!touched && !waits) {
            try (directory) {
                last.run();
            }
            return;
        }
        busy.add(directory);
        waiting.addLast(new Leaving(directory, last));
        if (waiting.size() >= MOST_WAITING || busy.size() >= MOST_OPEN) {
            flush();
        }
    }

    /** A directory could not be gone through to its end. */
    void abandon(OpenDirectory directory) {
        waiting.addLast(new Leaving(directory, () -> {}));
    }

    private void flush() throws IOException {
        force();
        while (!waiting.isEmpty()) {
            switch (waiting.removeFirst()) {
                case Naming naming -> settle(naming);
                case Leaving leaving -> leave(leaving);
            }
        }
        busy.clear();
    }

    private void force() throws IOException {
        for (OpenDirectory one : fileSystems.values()) {
            one.syncFileSystem();
        }
    }

    private void leave(Leaving leaving) throws IOException {
        try (OpenDirectory directory = leaving.directory()) {
            leaving.last().run();
            if (forced < FEW) {
                forced++;
                directory.sync();
            } else {
                watch(directory);
            }
        }
    }

    private void settle(Naming naming) throws IOException {
        String last = given(naming);
        if (naming.guest().links() > 1) {
            places.moved(naming.guest(), naming.path(), naming.written(), last);
        }
    }

    /** Returns the name it has got. */
    private String given(Naming naming) throws IOException {
        OpenDirectory host = naming.directory();
        String written = naming.written();
        String name = naming.name();
        if (naming.expected().isEmpty()) {
            if (host.rename(written, name)) {
                return name;
            }
        } else if (isExpected(host, name, naming.expected().get())) {
            host.exchange(written, name);
            FileStatus replaced = host.status(written);
            if (Aside.same(replaced, naming.expected().get())) {
                host.delete(written, replaced.kind());
                return name;
            }
            host.exchange(written, name);
        }
        while (true) {
            String other = aside.free(host, name);
            if (host.rename(written, other)) {
                report.tellBoth(naming.shown(), other);
                return other;
            }
        }
    }

    private static boolean isExpected(OpenDirectory host, String name, FileStatus expected) throws IOException {
        return host.find(name).filter(now -> Aside.same(now, expected)).isPresent();
    }

    /** Everything gets its name, and is on the disk. */
    void end() throws IOException {
        flush();
        if (late) {
            force();
        }
    }

    /**
     * Tells whether what both sides have changed has come back already, by a run that was killed.
     *
     * @param there what the host has of this name
     */
    boolean isThere(
            OpenDirectory host,
            Deque<String> path,
            ImageNode guest,
            String name,
            String shown,
            Optional<FileStatus> there)
            throws IOException {
        String last = name;
        boolean found = aside.isThere(host, name, there, guest);
        if (!found) {
            last = aside.beside(name);
            found = aside.isThere(host, last, host.find(last), guest);
            if (found) {
                report.tellBoth(shown, last);
            }
        }
        if (found && busy.add(host)) {
            aside.removeLeftovers(host);
        }
        if (found && guest.links() > 1) {
            places.remember(guest, path, last);
        }
        return found;
    }

    /** What has no name yet goes. */
    @Override
    public void close() {
        for (Act act : waiting) {
            if (act instanceof Naming naming) {
                naming.discard();
            }
        }
        for (Act act : waiting) {
            if (act instanceof Leaving leaving) {
                leaving.directory().close();
            }
        }
        fileSystems.values().forEach(OpenDirectory::close);
    }
}
