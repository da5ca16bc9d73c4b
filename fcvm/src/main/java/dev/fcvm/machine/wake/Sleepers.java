package dev.fcvm.machine.wake;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import dev.fcvm.machine.store.MachineFiles;
import dev.fcvm.machine.store.MachineState;
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
public final class Sleepers implements AutoCloseable {

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
        MachineId id = files.id();
        Optional.ofNullable(woken.remove(id)).ifPresent(WaitingPorts::close);
        Optional.ofNullable(asleep.remove(id)).ifPresent(WaitingPorts::close);
        if (alarm.isEmpty() || !Files.isDirectory(files.directory())) {
            return;
        }
        StoredMachine machine = StoredMachine.read(files);
        if (!(machine.state() instanceof MachineState.Suspended)) {
            return;
        }
        Consumer<MachineId> called = alarm.get();
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

    /** Returns the ports of a machine that goes on now, for its network; callers wait at them until that is there. */
    public synchronized Optional<WaitingPorts> take(MachineId id) {
        Optional<WaitingPorts> ports = Optional.ofNullable(asleep.remove(id));
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
