package dev.fcvm.machine;

import dev.fcvm.command.CommandContext;
import dev.fcvm.error.BrokenPipe;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.file.FileChanges;
import dev.fcvm.machine.log.LogQuery;
import dev.fcvm.machine.log.LogView;
import dev.fcvm.machine.log.Output;
import dev.fcvm.machine.store.MachineFiles;
import dev.fcvm.machine.store.MachineState;
import dev.fcvm.machine.store.StoredMachine;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;

/** Shows what a container wrote, and what it writes, until it has ended. */
final class LogFollower {

    /** Changes are told at once; this is for those that were missed because too many came. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final MachineFiles files;
    private final LogQuery query;
    private final ZoneId zone;
    private final Map<Output, OutputStream> targets;

    LogFollower(MachineFiles files, LogQuery query, ZoneId zone, Map<Output, OutputStream> targets) {
        this.files = files;
        this.query = query;
        this.zone = zone;
        this.targets = Map.copyOf(targets);
    }

    /** Shows what there is. */
    void show() throws FcvmException {
        try {
            Optional<LogView> view = LogView.open(files.directory(), query, zone, targets);
            if (view.isPresent()) {
                try (LogView log = view.get()) {
                    log.show();
                }
            }
        } catch (IOException failure) {
            throw failed(failure);
        }
    }

    /** Shows what there is, and what comes, to the container's end. */
    void follow() throws FcvmException, InterruptedException {
        try (FileChanges changes = FileChanges.of(files.directory())) {
            Optional<LogView> view = LogView.open(files.directory(), query, zone, targets);
            while (view.isEmpty() && goesOn()) {
                changes.await(LOOK);
                view = LogView.open(files.directory(), query, zone, targets);
            }
            if (view.isPresent()) {
                try (LogView log = view.get()) {
                    while (goesOn()) {
                        log.show();
                        changes.await(LOOK);
                    }
                    log.show();
                }
            }
        } catch (IOException failure) {
            throw failed(failure);
        }
    }

    /** One that is suspended has not ended. */
    private boolean goesOn() {
        MachineState state = StoredMachine.read(files).state();
        return Files.isDirectory(files.directory())
                && (state instanceof MachineState.Live || state instanceof MachineState.Suspended);
    }

    private FcvmException failed(IOException failure) {
        if (BrokenPipe.isBehind(failure)) {
            throw new CommandContext.NobodyReads(failure);
        }
        return new FcvmException(
                Kind.HOST,
                "cannot show the log of machine " + files.id().brief() + ": " + IoReason.of(failure),
                failure);
    }
}
