package dev.fcvm.cli.shared;

import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.Machines;
import dev.fcvm.machine.spec.MachineSource.VmmSource;
import dev.fcvm.settings.Settings;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The user's machines, as a command gets at them: those that the supervisor has in its hands, or, in a command by itself,
 * opened when they are asked for and let go at its end.
 */
public final class OpenMachines implements AutoCloseable {

    private final VmmSource monitors;
    private final boolean shared;
    private final Clock clock;
    private final Consumer<String> log;
    private Optional<Machines> machines;

    private OpenMachines(
            VmmSource monitors, Optional<Machines> machines, boolean shared, Clock clock, Consumer<String> log) {
        this.monitors = monitors;
        this.machines = machines;
        this.shared = shared;
        this.clock = clock;
        this.log = log;
    }

    /** Those of a command by itself. */
    public static OpenMachines own(VmmSource monitors, Clock clock, Consumer<String> log) {
        return new OpenMachines(monitors, Optional.empty(), false, clock, log);
    }

    /** Those of a supervisor, which go on when a command has ended. */
    public static OpenMachines shared(VmmSource monitors, Clock clock, Consumer<String> log) {
        return new OpenMachines(monitors, Optional.empty(), true, clock, log);
    }

    /** Returns them, if they have been asked for. */
    public synchronized Optional<Machines> opened() {
        return machines;
    }

    /** Returns how monitors are chosen. */
    public VmmSource monitors() {
        return monitors;
    }

    /** Returns whether machines go on in this process when the command has ended. */
    public boolean isShared() {
        return shared;
    }

    /** Returns them. */
    public synchronized Machines of(Settings settings) throws FcvmException {
        if (machines.isEmpty()) {
            Machines opened = Machines.open(settings, clock, log);
            if (shared) {
                opened.makeWarmBases();
                opened.wakeCalled(monitors);
                opened.pools().keep(monitors);
            }
            machines = Optional.of(opened);
        }
        return machines.get();
    }

    @Override
    public synchronized void close() {
        if (!shared) {
            machines.ifPresent(Machines::close);
        }
    }
}
