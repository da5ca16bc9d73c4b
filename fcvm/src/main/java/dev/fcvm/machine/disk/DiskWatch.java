package dev.fcvm.machine.disk;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.Uninterrupted;
import dev.fcvm.host.file.DiskUse;
import dev.fcvm.settings.DataSize;
import dev.fcvm.vmm.RunningVm;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/**
 * Watches the host's disk while a machine runs, and pauses the machine before there is no space left for what it writes;
 * lets it go on when there is. Each run watches for its own machine: together they are as many eyes as there are writers.
 */
public final class DiskWatch implements AutoCloseable {

    /** Said of a machine that is paused. */
    public static final String REASON = "host disk full";

    private final Path directory;
    private final Supplier<List<Path>> disks;
    private final DataSize floor;
    private final RunningVm vm;
    private final Listener listener;
    private final DiskGuard guard;
    private final Thread thread;

    /** Hears of it, on the watch's own thread. */
    public interface Listener {
        /** Something the user is to be told, one line. */
        void warn(String line);

        /**
         * The machine is to be paused.
         *
         * @return false when it stands still for another reason: whoever had it stand still decides when it goes on
         */
        boolean pauses();

        /** The machine goes on. */
        void resumed();
    }

    private DiskWatch(Path directory, Supplier<List<Path>> disks, DataSize floor, RunningVm vm, Listener listener) {
        this.directory = directory;
        this.disks = disks;
        this.floor = floor;
        this.vm = vm;
        this.listener = listener;
        this.guard = new DiskGuard(floor);
        this.thread = Thread.ofVirtual().name("disk-watch").unstarted(this::watch);
    }

    /**
     * Begins.
     *
     * @param directory of the machine, on the disk that is watched
     * @param disks all that the machine may write to and that takes room of that disk as it does; asked at each look
     * @param floor how much is to stay free; 0 for no watch
     * @param vm the machine
     */
    public static DiskWatch start(
            Path directory, Supplier<List<Path>> disks, DataSize floor, RunningVm vm, Listener listener) {
        var watch = new DiskWatch(directory, disks, floor, vm, listener);
        if (floor.bytes() > 0) {
            watch.thread.start();
        }
        return watch;
    }

    private void watch() {
        boolean complained = false;
        try {
            while (true) {
                long free = Long.MAX_VALUE;
                try {
                    free = DiskUse.free(directory);
                    act(free, allocated());
                    complained = false;
                } catch (IOException | FcvmException e) {
                    // Told once: the next look comes soon, and what cannot be done now may be possible then.
                    if (!complained) {
                        listener.warn("cannot guard the host's disk against this machine: " + e.getMessage());
                    }
                    complained = true;
                }
                Thread.sleep(complained ? Duration.ofSeconds(1) : guard.next(free));
            }
        } catch (InterruptedException e) {
            return; // closed
        }
    }

    private long allocated() throws IOException {
        long all = 0;
        for (Path disk : disks.get()) {
            all += allocated(disk);
        }
        return all;
    }

    private static long allocated(Path disk) throws IOException {
        try {
            return DiskUse.allocated(disk);
        } catch (NoSuchFileException unmapped) {
            return 0; // its place is free again
        }
    }

    private void act(long free, long allocated) throws FcvmException, InterruptedException {
        switch (guard.look(free, allocated)) {
            case GO_ON -> {}
            case WARN ->
                listener.warn("the host's disk fills up: %s are free in %s; at %s this machine is paused: make room"
                        .formatted(new DataSize(free), directory, floor));
            case PAUSE ->
                pause(("paused, since the host's disk is full: %s are free in %s, and %s must stay so"
                                + " (FCVM_DISK_FLOOR); the machine goes on when there is space: make room")
                        .formatted(new DataSize(free), directory, floor));
            case PAUSE_LATE ->
                pause(("paused, since the host's disk is full: nothing at all was free in %s, so that this"
                                + " machine may have lost what it wrote last: make room, and do not trust its files")
                        .formatted(directory));
            case RESUME -> {
                vm.resume();
                guard.hasResumed(allocated);
                listener.resumed();
                listener.warn("there is space on the host's disk again: the machine goes on");
            }
        }
    }

    private void pause(String said) throws FcvmException, InterruptedException {
        if (listener.pauses()) {
            vm.pause();
            guard.hasPaused();
            listener.warn(said);
        }
    }

    /** Ends the watch. A machine that is paused stays so. */
    @Override
    public void close() {
        thread.interrupt();
        Uninterrupted.join(thread);
    }
}
