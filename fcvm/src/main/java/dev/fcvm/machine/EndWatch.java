package dev.fcvm.machine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.file.FileChanges;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.machine.store.MachineFiles;
import dev.fcvm.machine.store.MachineState;
import dev.fcvm.machine.store.MachineStore;
import dev.fcvm.machine.store.StoredMachine;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;

/** Waits until a machine comes to a state, whichever process it is in the hands of. */
final class EndWatch {

    /** Changes are told at once; this is for those that were missed because too many came. */
    private static final Duration LOOK = Duration.ofSeconds(5);

    private final MachineFiles files;
    private final MachineStore store;

    EndWatch(MachineFiles files, MachineStore store) {
        this.files = files;
        this.store = store;
    }

    /**
     * Waits. One that has ended has come to that state when all it changed in copies of directories is back as well, or
     * when whoever should bring it back is gone.
     *
     * @return the state; nothing when the machine is gone
     */
    Optional<MachineState> await(Predicate<MachineState> wanted) throws FcvmException, InterruptedException {
        try (FileChanges changes = FileChanges.of(files.directory())) {
            while (Files.isDirectory(files.directory())) {
                StoredMachine now = StoredMachine.read(files);
                MachineState state = now.state();
                if (wanted.test(state) && !isEnding(now)) {
                    return Optional.of(state);
                }
                changes.await(LOOK);
            }
            return Optional.empty();
        } catch (IOException failure) {
            if (!Files.isDirectory(files.directory())) {
                return Optional.empty();
            }
            throw new FcvmException(
                    Kind.HOST,
                    "cannot watch machine " + files.id().brief() + ": " + failure.getMessage()
                            + "; are there too many watchers (fs.inotify.max_user_instances)?",
                    failure);
        }
    }

    private boolean isEnding(StoredMachine machine) throws FcvmException, InterruptedException {
        return machine.state() instanceof MachineState.Resting
                && Journal.isPending(files.journal())
                && store.isSupervised(machine);
    }
}
