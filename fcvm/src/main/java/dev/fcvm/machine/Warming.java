package dev.fcvm.machine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.Uninterrupted;
import dev.fcvm.host.process.CallerEnvironment;
import dev.fcvm.machine.live.Launch;
import dev.fcvm.machine.live.LiveMachine;
import dev.fcvm.machine.live.WarmMaker;
import dev.fcvm.machine.store.World;
import dev.fcvm.machine.warm.WarmStart;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Makes the warm bases that machines lacked, while these run: one at a time, for whoever waits for nothing, and only in a
 * process that goes on meanwhile.
 */
final class Warming {

    private final World world;
    private Optional<Thread> maker = Optional.empty();
    private boolean allowed;

    Warming(World world) {
        this.world = world;
    }

    /** This process goes on when machines run. */
    synchronized void allow() {
        allowed = true;
    }

    /** Returns whether one is being made. */
    synchronized boolean isBusy() {
        return maker.isPresent();
    }

    /** Has the warm base made that a machine lacks, as soon as its container runs: the machine itself does not wait for it. */
    void behind(LiveMachine machine, Launch launch) {
        Optional<WarmStart> lacked = launch.warm().filter(warm -> warm.base().isEmpty());
        if (lacked.isPresent()) {
            CompletableFuture<Void> _ = machine.started().thenAccept(runs -> {
                if (runs) {
                    begin(launch, lacked.get());
                }
            });
        }
    }

    /** While another is being made none is begun: the next machine that boots for lack of it asks again. */
    private synchronized void begin(Launch launch, WarmStart wanted) {
        if (allowed && maker.isEmpty()) {
            Thread thread = Thread.ofVirtual().name("warm-base").unstarted(() -> make(launch, wanted));
            maker = Optional.of(thread);
            thread.start();
        }
    }

    private void make(Launch launch, WarmStart wanted) {
        CallerEnvironment.workBehind();
        try {
            if (WarmMaker.inBackground(world, launch.settings()).make(launch, wanted)) {
                world.log()
                        .accept("a warm base was made for machines of "
                                + launch.resources().vcpus() + " processors and "
                                + launch.resources().memoryMib() + " MiB");
            }
        } catch (FcvmException | RuntimeException failure) {
            world.log().accept("no warm base was made: " + failure.getMessage());
        } catch (InterruptedException stopped) {
            world.log().accept("no warm base was made: fcvm ends");
        } finally {
            done();
        }
    }

    private synchronized void done() {
        maker = Optional.empty();
    }

    /** Gives up what is being made, and makes no more; nothing of it is left. */
    void stop() {
        Optional<Thread> running;
        synchronized (this) {
            allowed = false;
            running = maker;
        }
        running.ifPresent(Thread::interrupt);
        running.ifPresent(Uninterrupted::join);
    }
}
