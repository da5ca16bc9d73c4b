package dev.fcvm.machine.wake;

import dev.fcvm.agent.AgentSession;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.live.Doorkeeper;
import dev.fcvm.machine.live.LiveMachine;
import dev.fcvm.machine.live.Saving;
import dev.fcvm.machine.store.MachineState;
import dev.fcvm.machine.store.World;
import dev.fcvm.machine.wake.Idleness.Look;
import dev.fcvm.net.JoinedNetwork;
import dev.fcvm.net.flags.Protocol;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.net.uplink.CardTraffic;
import dev.fcvm.settings.Settings;
import dev.fcvm.vmm.RunningVm;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * Suspends a machine when nothing in it has moved for as long as it was told to wait ({@code --suspend-after}). It moves
 * while somebody is attached, a command of {@code fcvm exec} runs, a packet passes its network card, a connection is open at
 * one of its published ports, its processors do more than nothing, or it is paused.
 */
public final class IdleWatch {

    private final World world;
    private final LiveMachine machine;
    private final Settings settings;
    private final Doorkeeper doors;
    private final Idleness idleness;
    private String told = "";

    private IdleWatch(World world, LiveMachine machine, Settings settings, Doorkeeper doors) {
        this.world = world;
        this.doors = doors;
        this.machine = machine;
        this.settings = settings;
        this.idleness = new Idleness(Duration.ofSeconds(machine.spec().suspendSeconds()));
    }

    /** Begins with a machine that was given a time; it ends when the machine is in the hands of this process no more. */
    public static void begin(World world, LiveMachine machine, Settings settings, Doorkeeper doors) {
        if (machine.spec().suspendSeconds() > 0) {
            var watch = new IdleWatch(world, machine, settings, doors);
            Thread.ofVirtual().name("idle-watch").start(watch::watch);
        }
    }

    private void watch() {
        try {
            while (!isOver()) {
                Look look = look();
                if (idleness.isLong(look)) {
                    if (isCalled()) {
                        idleness.again(look.nanos());
                    } else {
                        suspend();
                    }
                }
            }
        } catch (InterruptedException never) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for the next look. */
    private boolean isOver() throws InterruptedException {
        try {
            machine.ended().get(idleness.pause().toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException goesOn) {
            return false;
        } catch (ExecutionException defect) {
            return true;
        }
    }

    private Look look() {
        long now = System.nanoTime();
        Optional<RunningVm> vm = machine.monitor();
        Optional<AgentSession> agent = machine.agent();
        if (vm.isEmpty() || agent.isEmpty() || !(machine.state() instanceof MachineState.Running)) {
            return new Look(now, true, 0, Duration.ZERO);
        }
        boolean wanted = machine.audience().isPresent() || agent.get().commands() > 0 || hasAdded();
        long pid = vm.get().pid();
        Duration processor = ProcessHandle.of(pid)
                .flatMap(process -> process.info().totalCpuDuration())
                .orElse(Duration.ZERO);
        try {
            return new Look(now, wanted, CardTraffic.packets(pid), processor);
        } catch (IOException gone) {
            return new Look(now, true, 0, processor);
        }
    }

    private boolean hasAdded() {
        try {
            return machine.mappings().hasAdded();
        } catch (FcvmException ends) {
            return true;
        }
    }

    /** Asked last, since it costs the guest a process. */
    private boolean isCalled() throws InterruptedException {
        Optional<AgentSession> agent = machine.agent();
        if (agent.isEmpty()) {
            return true;
        }
        try {
            Set<Integer> ports = JoinedNetwork.remembered(machine.files().directory()).stream()
                    .filter(port -> port.protocol() == Protocol.TCP)
                    .map(PublishedPort::guestPort)
                    .collect(Collectors.toSet());
            return Connections.areOpen(agent.get(), ports);
        } catch (FcvmException damaged) {
            tell(damaged);
            return true;
        }
    }

    private void suspend() throws InterruptedException {
        try {
            new Saving(machine, settings, world.clock().instant()).suspend(doors);
        } catch (FcvmException failure) {
            tell(failure);
        }
        idleness.again(System.nanoTime());
    }

    /** Once: the next try comes soon, and most often fails for the same reason. */
    private void tell(FcvmException failure) {
        String line = String.valueOf(failure.getMessage());
        if (!line.equals(told)) {
            machine.audience().warn("not suspended although nothing moves: " + line);
        }
        told = line;
    }
}
