package dev.fcvm.machine.store;

import dev.fcvm.host.MachineId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Reads machines' files, and does not read again what has not changed: whoever writes one puts another file in its place.
 * Where commands run in one process, a list of hundreds of machines costs a look at each.
 */
final class MachineReader {

    /** Of a file that is younger, another one may bear the same marks: the kernel's clock for files is a coarse one. */
    private static final long SETTLED_MILLIS = 1000;

    private final Map<MachineId, Seen> seen = new ConcurrentHashMap<>();

    /** By what one file is told from another of its name. */
    private record Marks(Object inode, FileTime modified, long size) {}

    private record Seen(Marks spec, Marks state, StoredMachine machine) {}

    /** Returns a machine as its files tell of it now. */
    StoredMachine read(MachineFiles files) {
        // Before they are read: what is written meanwhile is seen the next time.
        Optional<Marks> spec = marks(files.spec());
        Optional<Marks> state = marks(files.state());
        if (spec.isEmpty() || state.isEmpty()) {
            return StoredMachine.read(files);
        }
        Seen before = seen.get(files.id());
        if (before != null && before.spec().equals(spec.get()) && before.state().equals(state.get())) {
            return before.machine();
        }
        StoredMachine machine = StoredMachine.read(files);
        if (isSettled(spec.get()) && isSettled(state.get())) {
            seen.put(files.id(), new Seen(spec.get(), state.get(), machine));
        }
        return machine;
    }

    /** Forgets all others. */
    void keepOnly(Collection<MachineId> there) {
        if (seen.size() > there.size()) {
            seen.keySet().retainAll(new HashSet<>(there));
        }
    }

    private static boolean isSettled(Marks marks) {
        return System.currentTimeMillis() - marks.modified().to(TimeUnit.MILLISECONDS) > SETTLED_MILLIS;
    }

    private static Optional<Marks> marks(Path file) {
        try {
            BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
            Object inode = found.fileKey();
            return inode == null
                    ? Optional.empty()
                    : Optional.of(new Marks(inode, found.lastModifiedTime(), found.size()));
        } catch (IOException notYet) {
            return Optional.empty(); // or unreadable, which reading it shows
        }
    }
}
