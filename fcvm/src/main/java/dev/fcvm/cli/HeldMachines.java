package dev.fcvm.cli;

import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.Machines;
import dev.fcvm.settings.Settings;
import dev.fcvm.supervisor.SupervisorHooks;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The machines that a supervisor has in its hands.
 *
 * @param open the user's machines
 * @param settings of the supervisor's own surroundings
 * @param log is told in one line what cannot be done
 */
record HeldMachines(OpenMachines open, SettingsReading settings, Consumer<String> log) implements SupervisorHooks {

    /** Reads settings. */
    @FunctionalInterface
    interface SettingsReading {
        Settings read() throws FcvmException;
    }

    @Override
    public int machines() {
        return open.opened().map(Machines::held).orElse(0);
    }

    @Override
    public boolean isAtWork() {
        return open.opened().filter(Machines::isAtWork).isPresent();
    }

    @Override
    public void adopt() throws FcvmException, InterruptedException {
        open.of(settings.read()).adopt(failure -> log.accept(String.valueOf(failure.getMessage())));
    }

    @Override
    public void letGo() {
        open.opened().ifPresent(Machines::letGoUnwatched);
    }

    @Override
    public void letGoAll(Duration atMost) throws InterruptedException {
        Optional<Machines> opened = open.opened();
        if (opened.isPresent() && !opened.get().letGoAll(atMost)) {
            log.accept("not all machines could be given up in time; the next supervisor takes them over as they are");
        }
    }
}
