package dev.fcvm.machine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.machine.store.MachineFiles;
import dev.fcvm.machine.store.MachineState;
import dev.fcvm.machine.store.MachineStore;
import dev.fcvm.machine.store.StoredMachine;
import dev.fcvm.net.LiveUplink;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.settings.Settings;
import java.util.List;
import java.util.Optional;

/** The published ports of this user's machines. */
public final class RunningPorts implements LivePorts {

    private final Source source;

    /** Where the settings come from. */
    @FunctionalInterface
    public interface Source {
        /** Reads what the user has set. */
        Settings read() throws FcvmException;
    }

    /**
     * Makes one; nothing is read before it is asked.
     */
    public RunningPorts(Source source) {
        this.source = source;
    }

    /** Those of one that is suspended are held open until it goes on. */
    @Override
    public List<PublishedPort> list(String machine) throws FcvmException, InterruptedException {
        StoredMachine stored = MachineStore.open(source.read().directories()).find(machine);
        if (stored.state() instanceof MachineState.Suspended) {
            return LiveUplink.recorded(stored.files().directory());
        }
        Optional<LiveUplink> uplink = find(machine);
        return uplink.isPresent() ? uplink.get().list() : List.of();
    }

    @Override
    public List<PublishedPort> publish(String machine, List<PublishedPort> ports)
            throws FcvmException, InterruptedException {
        return find(machine)
                .orElseThrow(() -> new FcvmException(
                        Kind.USAGE,
                        "cannot publish ports of machine %s: it was started with --network none".formatted(machine)))
                .publish(ports);
    }

    @Override
    public void unpublish(String machine, List<PublishedPort> ports) throws FcvmException, InterruptedException {
        Optional<LiveUplink> uplink = find(machine);
        if (uplink.isPresent()) {
            uplink.get().unpublish(ports);
        }
    }

    private Optional<LiveUplink> find(String reference) throws FcvmException, InterruptedException {
        Settings settings = source.read();
        StoredMachine machine = MachineStore.open(settings.directories()).find(reference);
        MachineFiles files = machine.files();
        boolean booted =
                machine.state() instanceof MachineState.Running || machine.state() instanceof MachineState.Paused;
        if (!booted) {
            throw notRunning(machine);
        }
        return LiveUplink.of(files.directory(), files.sockets());
    }

    private static FcvmException notRunning(StoredMachine machine) {
        return new FcvmException(
                Kind.USAGE, "machine %s does not run, so it has no ports: fcvm ps".formatted(machine.name()));
    }
}
