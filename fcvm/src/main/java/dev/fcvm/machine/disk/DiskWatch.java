package dev.fcvm.machine.disk;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.DiskUse;
import dev.fcvm.host.Uninterrupted;
import dev.fcvm.settings.DataSize;
import dev.fcvm.vmm.RunningVm;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Watches the host's disk while a machine runs, and pauses the machine before there is no space left for what it writes;
 * lets it go on when there is. Each run watches for its own machine: together they are as many eyes as there are writers.
 */
public final class DiskWatch implements AutoCloseable {

    /** Said of a machine that is paused. */
    public static final String REASON = "host disk full";

    private final Path disk;
    private final DataSize floor;
    private final RunningVm vm;
    private final Listener listener;
    private final DiskGuard guard;
    private final Thread thread;

    /** Hears of it, on the watch's own thread. */
    public interface Listener {
        /** Something the user is to be told, one line. */
        void warn(String line);

        /** The machine has been paused; nothing of it runs. */
        void paused();

        /** The machine goes on. */
        void resumed();
    }

    private DiskWatch(Path disk, DataSize floor, RunningVm vm, Listener listener) {
        this.disk = disk;
        this.floor = floor;
        this.vm = vm;
        this.listener = listener;
        this.guard = new DiskGuard(floor);
        this.thread = Thread.ofVirtual().name("disk-watch").unstarted(this::watch);
    }

    /**
     * Begins.
     *
     * @param disk the machine's own disk
     * @param floor how much is to stay free; 0 for no watch
     * @param vm the machine
     */
    public static DiskWatch start(Path disk, DataSize floor, RunningVm vm, Listener listener) {
        var watch = new DiskWatch(disk, floor, vm, listener);
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
                    free = DiskUse.free(disk);
                    act(free, DiskUse.allocated(disk));
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

    private void act(long free, long allocated) throws FcvmException, InterruptedException {
        switch (guard.look(free, allocated)) {
            case GO_ON -> {}
            case WARN ->
                listener.warn("the host's disk fills up: %s are free in %s; at %s this machine is paused: make room"
                        .formatted(new DataSize(free), disk.getParent(), floor));
            case PAUSE -> {
                pause();
                listener.warn(("paused, since the host's disk is full: %s are free in %s, and %s must stay so"
                                + " (FCVM_DISK_FLOOR); the machine goes on when there is space: make room")
                        .formatted(new DataSize(free), disk.getParent(), floor));
            }
            case PAUSE_LATE -> {
                pause();
                listener.warn(("paused, since the host's disk is full: nothing at all was free in %s, so that this"
                                + " machine may have lost what it wrote last: make room, and do not trust its files")
                        .formatted(disk.getParent()));
            }
            case RESUME -> {
                vm.resume();
                guard.hasResumed(allocated);
                listener.resumed();
                listener.warn("there is space on the host's disk again: the machine goes on");
            }
        }
    }

    private void pause() throws FcvmException, InterruptedException {
        vm.pause();
        guard.hasPaused();
        listener.paused();
    }

    /** Ends the watch. A machine that is paused stays so. */
    @Override
    public void close() {
        thread.interrupt();
        Uninterrupted.join(thread);
    }
}
