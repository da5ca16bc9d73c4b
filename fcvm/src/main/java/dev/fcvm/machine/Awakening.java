package dev.fcvm.machine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.MachineId;
import dev.fcvm.machine.live.Doorkeeper;
import dev.fcvm.machine.live.Fallback;
import dev.fcvm.machine.live.LiveMachine;
import dev.fcvm.machine.session.RunEnd;
import dev.fcvm.machine.spec.MachineSource;
import dev.fcvm.machine.spec.MachineSource.VmmSource;
import dev.fcvm.machine.store.MachineFiles;
import dev.fcvm.machine.store.MachineState;
import dev.fcvm.machine.store.StartSettings;
import dev.fcvm.machine.store.World;
import dev.fcvm.machine.wake.IdleWatch;
import dev.fcvm.machine.wake.Sleepers;
import dev.fcvm.machine.wake.Wakings;
import dev.fcvm.net.port.WaitingPorts;
import dev.fcvm.settings.Settings;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Wakes machines that are suspended, for whoever wants something of one, and for whoever calls one of its ports. */
final class Awakening implements AutoCloseable {

    private final Machines machines;
    private final World world;
    private final Sleepers sleepers;
    private final Wakings wakings = new Wakings();
    private volatile Optional<Settings> settings = Optional.empty();

    Awakening(Machines machines, World world) {
        this.machines = machines;
        this.world = world;
        this.sleepers = new Sleepers(world.log());
    }

    /**
     * From here on the published ports of those that are suspended are held open, and those are suspended in which nothing
     * moves.
     */
    void begin(Settings own, VmmSource monitors) {
        settings = Optional.of(own);
        sleepers.begin(id -> Thread.ofVirtual()
                .name("called-" + id.brief())
                .start(() ->
                        called(id, source(StartSettings.over(own, world.store().files(id)), monitors))));
    }

    /** Whoever calls a port sets nothing: the machine goes on with what it was started with. */
    private MachineSource source(Settings settings, VmmSource monitors) {
        return new MachineSource(
                settings,
                monitors,
                () -> {
                    throw new IllegalStateException("the machine has its image");
                },
                new Fallback(world.log()));
    }

    /** A machine is in the hands of this process. */
    void watch(LiveMachine machine) {
        settings.ifPresent(own -> IdleWatch.begin(world, machine, own, sleepers));
    }

    /** Returns of how many the ports are held open. */
    int count() {
        return sleepers.count();
    }

    /** A machine is in nobody's hands any more: when it is suspended, its ports are open from here on. */
    void settle(MachineFiles files) {
        sleepers.settle(files);
    }

    /** Returns what lets callers of machines wait that are suspended. */
    Doorkeeper doors() {
        return sleepers;
    }

    /** Returns the ports of a machine that goes on now. */
    Optional<WaitingPorts> take(MachineId id) {
        return sleepers.take(id);
    }

    private void called(MachineId id, MachineSource source) {
        try {
            wake(machines.find(id.value()), source);
        } catch (FcvmException | RuntimeException failure) {
            missed(id, String.valueOf(failure.getMessage()));
        } catch (InterruptedException ends) {
            missed(id, "it was called off");
        }
    }

    private void missed(MachineId id, String why) {
        world.log().accept("machine " + id.brief() + " was called, and did not wake: " + why);
        if (machines.live(id).isEmpty() && !wakings.isUnderWay(id)) {
            // Nobody listens for a second call until its ports are opened anew.
            sleepers.lookAt(world.store().files(id));
        }
    }

    /**
     * Has a machine go on that is suspended, and waits until it does; one that is being suspended is waited for before. With
     * any other nothing happens.
     *
     * @throws FcvmException when it does not go on; it is suspended still, where its memory is there
     */
    void wake(Machine machine, MachineSource source) throws FcvmException, InterruptedException {
        Optional<LiveMachine> live = machines.live(machine.id());
        if (live.isPresent()) {
            live.get().awaitSaved();
        }
        if (wakings.isUnderWay(machine.id()) || isSuspended(machine)) {
            wakings.wake(machine.id(), () -> {
                if (isSuspended(machine)) {
                    goOn(machine.again(source));
                }
            });
        }
    }

    private static boolean isSuspended(Machine machine) throws FcvmException {
        return machine.stored().state() instanceof MachineState.Suspended;
    }

    private static void goOn(Machine machine) throws FcvmException, InterruptedException {
        CompletableFuture<RunEnd> ended = machine.start();
        if (!machine.awaitStart()) {
            int code = Outcomes.code(Waiting.until(ended));
            throw new FcvmException(
                    Kind.GUEST, "machine " + machine.name() + " did not go on: its run ended with " + code);
        }
    }

    /** Closes all ports; machines that go on do so. */
    @Override
    public void close() {
        sleepers.close();
    }
}
