package dev.fcvm.image;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.Uninterrupted;
import dev.fcvm.host.file.LockFile;
import dev.fcvm.host.process.ProcessTag;
import dev.fcvm.host.process.Tool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A directory in which a store disk is made. It goes with its owner: when it is closed, and when its owner was killed,
 * with the next run's {@link #sweep}. A lock beside it tells which is the case.
 */
final class WorkDirectory implements AutoCloseable {

    /** The variable that marks the processes at work in it. */
    private static final String VARIABLE = "FCVM_IMAGE_WORK";

    private static final String LOCK = ".lock";

    private final Path directory;
    private final UnpackSpace space;
    private final LockFile lock;

    private WorkDirectory(Path directory, UnpackSpace space, LockFile lock) {
        this.directory = directory;
        this.space = space;
        this.lock = lock;
    }

    /** Makes one. The caller holds the lock that {@link #sweep} is called under. */
    static WorkDirectory create(Path parent, UnpackSpace space) throws IOException, InterruptedException {
        Files.createDirectories(parent);
        Path directory = parent.resolve(MachineId.random().brief());
        LockFile lock = LockFile.exclusive(beside(directory));
        var work = new WorkDirectory(directory, space, lock);
        boolean made = false;
        try {
            Files.createDirectories(directory.resolve("tmp"));
            made = true;
        } finally {
            if (!made) {
                work.close();
            }
        }
        return work;
    }

    /** Returns a path in it. */
    Path resolve(String name) {
        return directory.resolve(name);
    }

    /** Returns its path. */
    Path path() {
        return directory;
    }

    /** Returns the store it belongs to, for messages. */
    Path store() {
        Path parent = Objects.requireNonNull(directory.getParent());
        return Objects.requireNonNullElse(parent.getParent(), parent);
    }

    /** Returns the mark for the processes that work here. */
    ProcessTag tag() {
        return tag(directory);
    }

    private static ProcessTag tag(Path directory) {
        return new ProcessTag(VARIABLE, directory.toString());
    }

    private static Path beside(Path directory) {
        return directory.resolveSibling(directory.getFileName() + LOCK);
    }

    /** Removes it with everything in it, whoever owns it. */
    @Override
    public void close() throws IOException {
        tag().killAll();
        try (lock) {
            delete(directory, space);
            Files.deleteIfExists(beside(directory));
        }
    }

    /**
     * Removes what killed runs left, and their processes.
     *
     * @param parent where the directories are
     */
    static void sweep(Path parent, UnpackSpace space) throws IOException {
        if (!Files.isDirectory(parent)) {
            return;
        }
        try (var entries = Files.newDirectoryStream(parent)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (name.endsWith(LOCK)) {
                    sweepOne(parent.resolve(name.substring(0, name.length() - LOCK.length())), space);
                } else if (!Files.exists(beside(entry))) {
                    delete(entry, space);
                }
            }
        }
    }

    private static void sweepOne(Path directory, UnpackSpace space) throws IOException {
        try (LockFile lock = LockFile.tryExclusive(beside(directory)).orElse(null)) {
            if (lock != null) {
                tag(directory).killAll();
                delete(directory, space);
                Files.deleteIfExists(beside(directory));
            }
        }
    }

    /** Deletes a tree in which there may be files of other users of the space. Not to be stopped by an interrupt. */
    static void delete(Path tree, UnpackSpace space) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        AtomicReference<String> failure = new AtomicReference<>("");
        Thread deleting = Thread.ofPlatform().name("image-sweep").start(() -> {
            try {
                Tool remove = Tool.named("rm", "coreutils")
                        .with("-rf", "--one-file-system", "--", tree.toString())
                        .within(Duration.ofMinutes(10));
                Tool.Result result = tree.endsWith("store") || Files.exists(tree.resolve("store"))
                        ? space.removing(remove).run()
                        : remove.run();
                failure.set(result.succeeded() ? "" : result.lastWords());
            } catch (FcvmException | InterruptedException e) {
                failure.set(String.valueOf(e.getMessage()));
            }
        });
        Uninterrupted.join(deleting);
        String reason = Objects.requireNonNullElse(failure.get(), "");
        if (!reason.isEmpty()) {
            throw new IOException("cannot remove " + tree + ": " + reason);
        }
    }

    /** Removes the parent of all of them when there are none. */
    static void removeIfEmpty(Path parent) {
        try (var entries = Files.newDirectoryStream(parent)) {
            if (!entries.iterator().hasNext()) {
                Files.deleteIfExists(parent);
            }
        } catch (NoSuchFileException | DirectoryNotEmptyException e) {
            return; // somebody else was quicker, with the removal or with a new one
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + parent, e);
        }
    }
}
