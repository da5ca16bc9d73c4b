package dev.fcvm.machine.warm;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.file.DirectoryTree;
import dev.fcvm.host.file.PrivateDirectories;
import dev.fcvm.machine.session.RunListener;
import dev.fcvm.settings.Settings;
import dev.fcvm.snapshot.Snapshot;
import dev.fcvm.snapshot.SnapshotCheck;
import dev.fcvm.snapshot.SnapshotStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The warm bases of a user: snapshots of machines that have booted, whose agent is up, and which have no container yet. A
 * run starts from one instead of booting.
 */
public final class WarmBases {

    /** A size of machine has one each; who uses more of them makes them again. */
    private static final int MOST = 8;

    /** Touched when a machine starts from one. */
    private static final String USED = "used";

    private final SnapshotStore store;
    private final Path putOff;
    private final Clock clock;

    /** Opens them. */
    public WarmBases(Settings settings, Clock clock) throws FcvmException {
        this.store = SnapshotStore.warmBases(settings.directories());
        this.putOff = settings.directories().behind().data().resolve("put-off");
        this.clock = clock;
    }

    /** Returns where they lie. */
    public SnapshotStore store() {
        return store;
    }

    /**
     * Returns the one that was made under this, when it is there and whole; one that is not whole is removed.
     *
     * @param listener hears why one is not used
     */
    public Optional<Snapshot> find(WarmKey key, RunListener listener) throws FcvmException, InterruptedException {
        if (!store.has(key.name())) {
            return Optional.empty();
        }
        try {
            Snapshot found = store.find(key.name());
            SnapshotCheck.check(found);
            touch(found);
            return Optional.of(found);
        } catch (FcvmException unusable) {
            listener.warn("the machine boots, since its warm base is of no use: " + unusable.getMessage());
            remove(key);
            return Optional.empty();
        }
    }

    private void touch(Snapshot used) {
        Path mark = used.directory().resolve(USED);
        try {
            if (!Files.exists(mark)) {
                Files.createFile(mark);
            }
            Files.setLastModifiedTime(mark, FileTime.from(clock.instant()));
        } catch (IOException untouched) {
            return; // it only is the first that goes
        }
    }

    /** Has one not made for a while: it cannot be, or machines cannot start from it, and each run would pay for that. */
    public void putOff(WarmKey key, Duration time) throws FcvmException {
        try {
            PrivateDirectories.require(putOff);
            Path mark = putOff.resolve(key.name());
            Files.writeString(mark, "");
            Files.setLastModifiedTime(mark, FileTime.from(clock.instant().plus(time)));
        } catch (IOException failure) {
            throw new FcvmException(Kind.HOST, "cannot write in " + putOff + ": " + IoReason.of(failure), failure);
        }
    }

    /** Returns whether it is not to be made now. */
    public boolean isPutOff(WarmKey key) {
        try {
            return Files.getLastModifiedTime(putOff.resolve(key.name()))
                    .toInstant()
                    .isAfter(clock.instant());
        } catch (IOException never) {
            return false;
        }
    }

    /** Removes one that is of no use; another process may have done so before. */
    public void remove(WarmKey key) throws FcvmException, InterruptedException {
        remove(key.name());
    }

    private void remove(String name) throws FcvmException, InterruptedException {
        if (store.has(name)) {
            store.remove(name);
        }
    }

    /**
     * Removes those of bases that are no more, whose root file systems they keep on the disk, and those that were used
     * longest ago, beyond as many as are kept.
     *
     * @param present of a machine that could start now
     */
    public void trim(WarmKey present) throws FcvmException, InterruptedException {
        List<Snapshot> useful = new ArrayList<>();
        for (Snapshot each : store.list()) {
            if (isOfOtherBase(each, present)) {
                remove(each.name());
            } else {
                useful.add(each);
            }
        }
        useful.sort(Comparator.comparing(WarmBases::lastUse));
        for (Snapshot oldest : useful.subList(0, Math.max(0, useful.size() - MOST))) {
            remove(oldest.name());
        }
    }

    private static boolean isOfOtherBase(Snapshot base, WarmKey present) {
        try {
            return present.hasOtherBase(base.spec());
        } catch (IOException unreadable) {
            return true; // no machine can start from it
        }
    }

    private static Instant lastUse(Snapshot base) {
        try {
            return Files.getLastModifiedTime(base.directory().resolve(USED)).toInstant();
        } catch (IOException never) {
            return Instant.parse(base.manifest().created());
        }
    }

    /**
     * Removes those that are of no use.
     *
     * @param useless says which are, of those that can be read at all
     * @return the names of those removed
     */
    public List<String> prune(Predicate<Snapshot> useless) throws FcvmException, InterruptedException {
        List<String> removed = new ArrayList<>();
        forgetPutOff();
        for (String name : store.names()) {
            if (readable(name).filter(useless.negate()).isEmpty()) {
                remove(name);
                removed.add(name);
            }
        }
        return removed;
    }

    /** Whoever prunes wants to begin anew. */
    private void forgetPutOff() throws FcvmException {
        try {
            DirectoryTree.delete(putOff);
        } catch (IOException failure) {
            throw new FcvmException(Kind.HOST, "cannot remove " + putOff + ": " + IoReason.of(failure), failure);
        }
    }

    private Optional<Snapshot> readable(String name) {
        try {
            Snapshot base = store.find(name);
            SnapshotCheck.check(base);
            return Optional.of(base);
        } catch (FcvmException unusable) {
            return Optional.empty();
        }
    }
}
