package dev.fcvm.machine.live;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.Pending;
import dev.fcvm.machine.session.Audience;
import dev.fcvm.machine.spec.MachineSpec;
import dev.fcvm.machine.store.MachineState;
import dev.fcvm.machine.store.OwnedMachine;
import dev.fcvm.machine.store.World;
import dev.fcvm.machine.warm.WarmStart;
import dev.fcvm.net.flags.PublishedPort;
import dev.fcvm.snapshot.Snapshot;
import dev.fcvm.vmm.RunningVm;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.volume.set.MachineMappings;
import dev.fcvm.volume.set.Told;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A machine that was restored and stands still, with a disk, a monitor and a network of its own, of which nothing is
 * published; it is nobody's yet. It is in no list, and what it is to be is not written down: a sweep takes it away when the
 * process is killed that has it. Closing it ends it, and leaves nothing.
 */
public final class Parked implements AutoCloseable {

    private final OwnedMachine owned;
    private final MachineState.Preparing state;
    private final Optional<MachineSpec> spec;
    private final Launch launch;
    private final RunNetwork network;
    private final RunningVm vm;
    private final Audience audience;

    private Parked(
            OwnedMachine owned,
            MachineState.Preparing state,
            Optional<MachineSpec> spec,
            Launch launch,
            RunNetwork network,
            RunningVm vm,
            Audience audience) {
        this.owned = owned;
        this.state = state;
        this.spec = spec;
        this.launch = launch;
        this.network = network;
        this.vm = vm;
        this.audience = audience;
    }

    /**
     * Restores one. It has no mapped directory: those that need no disk are given to it when it goes on.
     *
     * @param owned its files, with its disks; it is closed by whoever has it when this fails
     * @param spec what it would be if it were somebody's
     * @param launch what it goes on from, with a network of which nothing is published
     */
    public static Parked restore(
            World world, OwnedMachine owned, MachineState.Preparing state, MachineSpec spec, Launch launch)
            throws FcvmException, InterruptedException {
        return restore(
                world,
                owned,
                state,
                Optional.of(spec),
                launch,
                launch.snapshot().orElseThrow(),
                (network, audience) -> {
                    try (MachineMappings none = MachineMappings.prepare(
                            List.of(),
                            RunMappings.place(
                                    spec, owned, launch.isolation(), launch.settings(), new Told(audience::warn)))) {
                        String plan = Specs.json(Specs.plan(spec, network, none, launch.hasSpare()));
                        return Specs.vm(spec, launch, owned.files(), none.disks(), plan);
                    }
                });
    }

    /**
     * Restores one of a warm base, which has no image yet.
     *
     * @param owned its files, with its disk; it is closed by whoever has it when this fails
     * @param launch what it starts from, with a network of which nothing is published
     */
    public static Parked restoreWarm(World world, OwnedMachine owned, MachineState.Preparing state, Launch launch)
            throws FcvmException, InterruptedException {
        Launch warm = launch.warmly().orElseThrow();
        Snapshot base = launch.warm().flatMap(WarmStart::base).orElseThrow();
        return restore(
                world, owned, state, Optional.empty(), launch, base, (_, _) -> Specs.parked(warm, owned.files()));
    }

    /** Describes a machine to its monitor, but for its network. */
    @FunctionalInterface
    private interface Description {
        VmSpec with(RunNetwork network, Audience audience) throws FcvmException, InterruptedException;
    }

    private static Parked restore(
            World world,
            OwnedMachine owned,
            MachineState.Preparing state,
            Optional<MachineSpec> spec,
            Launch launch,
            Snapshot snapshot,
            Description description)
            throws FcvmException, InterruptedException {
        Audience audience = LiveMachine.audience(world, owned);
        RunNetwork network = RunNetwork.of(launch, owned, owned.files().id().brief(), audience);
        try (Pending unjoined = new Pending(network::close)) {
            VmSpec machine = network.joined(description.with(network, audience));
            BootingMachine restored = BootingMachine.restore(
                    launch.settings(), launch.vmm(), machine, snapshot.vm(), owned.journal(), audience);
            try (Pending unused = new Pending(restored::close)) {
                network.attach(restored.vm().pid(), audience);
                unused.handOver();
                unjoined.handOver();
                return new Parked(owned, state, spec, launch, network, restored.vm(), audience);
            }
        }
    }

    /** Returns its id. */
    public MachineId id() {
        return owned.files().id();
    }

    /** Returns its files. */
    public OwnedMachine owned() {
        return owned;
    }

    /** Returns where it stands: what it has of the host is not all it is to have. */
    public MachineState.Preparing state() {
        return state;
    }

    /** Returns what it would be if it were somebody's; of one that goes on from a snapshot. */
    public MachineSpec spec() {
        return spec.orElseThrow();
    }

    /** Returns who will watch it. */
    public Audience audience() {
        return audience;
    }

    /** Returns the process of its monitor. */
    public long monitor() {
        return vm.pid();
    }

    /** Returns whether its monitor runs still. */
    public boolean isAlive() throws InterruptedException {
        return vm.awaitExit(Duration.ZERO).isEmpty();
    }

    /** Publishes ports of it: all of them or none. */
    public void publish(List<PublishedPort> ports) throws FcvmException, InterruptedException {
        network.publish(ports);
    }

    /** Returns with what it goes on. */
    public Launch launch() {
        return launch(launch);
    }

    /**
     * The same of one that waits for an image.
     *
     * @param wanted with what a machine of its kind is started
     */
    public Launch launch(Launch wanted) {
        return wanted.goingOn(network, vm);
    }

    /** Returns with what it was restored: what whoever takes it must want. */
    public Launch kind() {
        return launch;
    }

    @Override
    public void close() throws FcvmException {
        try (owned;
                network;
                RunningVm _ = vm) {
            network.parting().close();
        }
    }
}
