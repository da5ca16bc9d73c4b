package dev.fcvm.machine.wake;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import dev.fcvm.machine.live.Doorkeeper;
import dev.fcvm.machine.store.MachineFiles;
import dev.fcvm.machine.store.MachineState;
import dev.fcvm.machine.store.StartSettings;
import dev.fcvm.machine.store.StoredMachine;
import dev.fcvm.net.JoinedNetwork;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.net.port.WaitingPorts;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The machines that are suspended, and whose published ports this process holds open: who calls one of them waits, and the
 * machine is woken. Only a process that goes on does so; its end closes the ports, and its successor opens them anew.
 */
public final class Sleepers implements Doorkeeper, AutoCloseable {

    private final Consumer<String> log;
    /** Those at whose ports callers wait. */
    private final Map<MachineId, WaitingPorts> asleep = new HashMap<>();
    /** Those whose ports were taken over by their network. */
    private final Map<MachineId, WaitingPorts> woken = new HashMap<>();

    private Optional<Consumer<MachineId>> alarm = Optional.empty();

    /** @param log is told in one line what nobody is there to hear */
    public Sleepers(Consumer<String> log) {
        this.log = log;
    }

    /**
     * From here on ports are opened.
     *
     * @param called is told of a machine that is called; must not block
     */
    public synchronized void begin(Consumer<MachineId> called) {
        alarm = Optional.of(called);
    }

    /** Returns how many machines wait for callers. */
    public synchronized int count() {
        return asleep.size();
    }

    /**
     * Looks at a machine that is in nobody's hands: the ports it may have had here are closed, and opened anew when it is
     * suspended.
     */
    public synchronized void lookAt(MachineFiles files) {
        close(files.id(), woken);
        close(files.id(), asleep);
        if (isSuspended(files) && !isElsewhere(files)) {
            open(files);
        }
    }

    /** One that was suspended in another network namespace has its ports there, and another supervisor to open them. */
    private boolean isElsewhere(MachineFiles files) {
        try {
            return StartSettings.isElsewhere(files);
        } catch (FcvmException unknown) {
            closed(StoredMachine.read(files), unknown);
            return true;
        }
    }

    /** The same of one that was in somebody's hands until now: where callers wait already, they wait on. */
    public synchronized void settle(MachineFiles files) {
        close(files.id(), woken);
        if (!asleep.containsKey(files.id()) || !isSuspended(files)) {
            lookAt(files);
        }
    }

    private static boolean isSuspended(MachineFiles files) {
        return Files.isDirectory(files.directory())
                && StoredMachine.read(files).state() instanceof MachineState.Suspended;
    }

    private static void close(MachineId id, Map<MachineId, WaitingPorts> from) {
        Optional.ofNullable(from.remove(id)).ifPresent(WaitingPorts::close);
    }

    @Override
    public synchronized void open(MachineFiles files) {
        if (alarm.isEmpty()) {
            return;
        }
        MachineId id = files.id();
        Consumer<MachineId> called = alarm.get();
        StoredMachine machine = StoredMachine.read(files);
        close(id, asleep);
        try {
            List<PublishedPort> ports = JoinedNetwork.remembered(files.directory());
            if (!ports.isEmpty()) {
                asleep.put(id, WaitingPorts.open(ports, () -> called.accept(id), failure -> closed(machine, failure)));
            }
        } catch (FcvmException failure) {
            closed(machine, failure);
        }
    }

    private void closed(StoredMachine machine, FcvmException failure) {
        log.accept(
                "machine " + machine.name() + ", which is suspended, is not woken by a port: " + failure.getMessage());
    }

    @Override
    public synchronized Optional<WaitingPorts> take(MachineId id) {
        Optional<WaitingPorts> ports = Optional.ofNullable(asleep.remove(id));
        close(id, woken);
        ports.ifPresent(there -> woken.put(id, there));
        return ports;
    }

    /** Closes all; whoever waits is hung up on. */
    @Override
    public synchronized void close() {
        alarm = Optional.empty();
        asleep.values().forEach(WaitingPorts::close);
        asleep.clear();
        woken.values().forEach(WaitingPorts::close);
        woken.clear();
    }
}
