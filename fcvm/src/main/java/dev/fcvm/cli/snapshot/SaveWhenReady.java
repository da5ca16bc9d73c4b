package dev.fcvm.cli.snapshot;

import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.Uninterrupted;
import dev.fcvm.machine.Machine;
import dev.fcvm.settings.Settings;
import dev.fcvm.snapshot.SnapshotStore;
import java.time.Duration;
import java.util.Optional;

/**
 * Saves a machine once it is ready, beside whoever watches it. Closing waits for that, or calls it off when the machine
 * has ended before.
 */
public final class SaveWhenReady implements AutoCloseable {

    private final CommandContext context;
    private final Settings settings;
    private final String name;
    private final boolean exits;
    private Optional<Thread> worker = Optional.empty();
    private volatile boolean saved;
    private volatile Optional<FcvmException> failure = Optional.empty();

    /**
     * @param name what the snapshot is to be called
     * @param exits whether the machine is to end then
     */
    public SaveWhenReady(CommandContext context, Settings settings, String name, boolean exits) {
        this.context = context;
        this.settings = settings;
        this.name = name;
        this.exits = exits;
    }

    /** Refuses a name that cannot be used, before anything is touched. */
    public void check() throws FcvmException {
        SnapshotStore.open(settings.directories()).checkFree(name);
    }

    /** Begins, with a machine that is about to be started. */
    public void begin(Machine machine) {
        Thread thread = Thread.ofVirtual().name("save-when-ready").unstarted(() -> work(machine));
        worker = Optional.of(thread);
        thread.start();
    }

    private void work(Machine machine) {
        try {
            if (!machine.awaitStart()) {
                return; // why is told by whoever has started it
            }
            machine.awaitReady(Optional.empty());
            context.complain("fcvm: the snapshot will hold all secrets in the memory of " + machine.name()
                    + "; keep it as safe as those");
            Saved.save(machine, SnapshotStore.open(settings.directories()), name, settings);
            saved = true;
            if (exits) {
                machine.stop(Optional.of(Duration.ZERO));
            }
        } catch (FcvmException unsaved) {
            failure = Optional.of(unsaved);
        } catch (InterruptedException calledOff) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Waits until the machine is saved, and says how the command ends.
     *
     * @param code the run's own
     * @return 0 when the machine was ended because it is saved
     * @throws FcvmException when it was not saved although the run went well
     */
    public int judge(int code) throws FcvmException {
        worker.ifPresent(Uninterrupted::join);
        if (saved && exits) {
            return 0;
        }
        if (failure.isPresent()) {
            throw new FcvmException(
                    Kind.HOST,
                    "the snapshot " + name + " was not made: " + failure.get().getMessage(),
                    failure.get());
        }
        return code;
    }

    @Override
    public void close() {
        worker.ifPresent(thread -> {
            thread.interrupt();
            Uninterrupted.join(thread);
        });
    }
}
