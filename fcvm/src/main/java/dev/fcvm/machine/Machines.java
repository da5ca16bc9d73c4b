package dev.fcvm.machine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.MachineId;
import dev.fcvm.machine.event.Action;
import dev.fcvm.machine.event.EventLog;
import dev.fcvm.machine.live.LiveMachine;
import dev.fcvm.machine.live.WarmMaker;
import dev.fcvm.machine.session.Audience;
import dev.fcvm.machine.spec.CloneRequest;
import dev.fcvm.machine.spec.MachineName;
import dev.fcvm.machine.spec.MachineSource;
import dev.fcvm.machine.spec.MachineSource.VmmSource;
import dev.fcvm.machine.spec.MachineSpec;
import dev.fcvm.machine.spec.RunRequest;
import dev.fcvm.machine.store.Adoption;
import dev.fcvm.machine.store.EndRecord;
import dev.fcvm.machine.store.ExitRecords;
import dev.fcvm.machine.store.MachineState;
import dev.fcvm.machine.store.MachineStore;
import dev.fcvm.machine.store.MachineView;
import dev.fcvm.machine.store.OwnedMachine;
import dev.fcvm.machine.store.StoredMachine;
import dev.fcvm.machine.store.Sweep;
import dev.fcvm.machine.store.World;
import dev.fcvm.settings.Settings;
import dev.fcvm.snapshot.Snapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * The machines of a user: what every front end makes, finds and lists them by. Those that this process has started are in
 * its hands until they end. Closing lets them go: they go on, and another process may take them over.
 */
public final class Machines implements AutoCloseable {

    private final World world;
    private final Settings settings;
    private final Map<MachineId, LiveMachine> live = new ConcurrentHashMap<>();
    private final Warming warming;
    private final Awakening awakening;
    private final Pooling pools;

    private Machines(World world, Settings settings) {
        this.world = world;
        this.settings = settings;
        this.warming = new Warming(world);
        this.awakening = new Awakening(this, world);
        this.pools = new Pooling(this, world, settings);
    }

    /**
     * Opens the user's machines; makes the directories when they are missing.
     *
     * @param settings of whoever opens them
     * @param log is told in one line what nobody is there to hear
     */
    public static Machines open(Settings settings, Clock clock, Consumer<String> log) throws FcvmException {
        MachineStore store = MachineStore.open(settings.directories());
        Path data = settings.directories().data();
        var world = new World(store, new EventLog(data), new ExitRecords(data.resolve("exits"), clock), clock, log);
        return new Machines(world, settings);
    }

    /** Returns what all machines have in common. */
    World world() {
        return world;
    }

    /**
     * Makes a machine; it does not run yet.
     *
     * @param starts whether it is started next, so that its ports are held from now on. It is then in the hands of this
     *     process, and goes when it is not started
     * @throws FcvmException when it cannot be made; nothing of it is left
     */
    public Machine create(RunRequest request, MachineSource source, boolean starts)
            throws FcvmException, InterruptedException {
        Creation.Made made = new Creation(world, source).make(request, starts);
        LiveMachine machine = hold(made.files(), made.spec(), made.state());
        if (!starts) {
            machine.release(true);
            return find(made.spec().id());
        }
        return new Machine(this, made.files().files().id(), made.spec().name(), Optional.of(made.launch()));
    }

    /** Returns what the machine was that was saved; nothing when that cannot be read, which {@link #clone} tells. */
    public static Optional<MachineSpec> saved(Snapshot snapshot) {
        try {
            return Optional.of(Cloning.saved(snapshot));
        } catch (FcvmException damaged) {
            return Optional.empty();
        }
    }

    /**
     * Makes a machine of a snapshot. It is in the hands of this process, with its ports held, and goes when it is not
     * started next.
     *
     * @param snapshot one that has been found good
     * @throws FcvmException when it cannot be made; nothing of it is left
     */
    public Machine clone(CloneRequest request, Snapshot snapshot, MachineSource source)
            throws FcvmException, InterruptedException {
        Creation.Made made = new Cloning(world, source).make(request, snapshot);
        hold(made.files(), made.spec(), made.state());
        return new Machine(this, made.files().files().id(), made.spec().name(), Optional.of(made.launch()));
    }

    /** Returns the pools of machines that are ready. */
    public Pooling pools() {
        return pools;
    }

    /**
     * Finds a machine by its name, its id or the unmistakable beginning of its id.
     *
     * @throws FcvmException when there is none, or more than one
     */
    public Machine find(String reference) throws FcvmException {
        StoredMachine stored = world.store().find(reference);
        return new Machine(this, stored.files().id(), stored.name().value(), Optional.empty());
    }

    /** Returns the machine of this name, id, or unmistakable beginning of an id, if there is one. */
    public Optional<Machine> named(String reference) throws FcvmException {
        try {
            return Optional.of(find(reference));
        } catch (FcvmException none) {
            if (none.kind() == Kind.NOT_FOUND) {
                return Optional.empty();
            }
            throw none;
        }
    }

    /** Returns how a machine ended that is gone. */
    public Optional<EndRecord> findGone(String reference) throws FcvmException {
        try {
            return world.exits().find(reference);
        } catch (IOException unreadable) {
            throw new FcvmException(
                    Kind.HOST, "cannot read how machines ended: " + unreadable.getMessage(), unreadable);
        }
    }

    /** Returns every machine there is, oldest first. */
    public List<StoredMachine> list() throws FcvmException {
        return world.store().list();
    }

    /** Returns a view of every machine, oldest first. */
    public List<MachineView> views() throws FcvmException, InterruptedException {
        return MachineView.all(world.store(), world.clock(), live::containsKey);
    }

    /** Returns the journal of what happened to machines. */
    public EventLog events() {
        return world.events();
    }

    /**
     * Returns how many are in the hands of this process, those included that are suspended and whose ports it
     * holds open.
     */
    public int held() {
        return live.size() + awakening.count();
    }

    /**
     * This process goes on: it holds the published ports of machines open that are suspended, and wakes the one that is
     * called.
     *
     * @param monitors chooses monitors
     */
    public void wakeCalled(VmmSource monitors) {
        awakening.begin(settings, monitors);
    }

    /** Returns what wakes machines. */
    Awakening awakening() {
        return awakening;
    }

    /** This process goes on when machines run: it makes the warm bases that they lacked. */
    public void makeWarmBases() {
        warming.allow();
    }

    /** Returns what makes them. */
    Warming warming() {
        return warming;
    }

    /** Returns whether this process has something to do for which nobody waits: a warm base to make, pools to keep. */
    public boolean isAtWork() {
        return warming.isBusy() || pools.all().count() > 0;
    }

    /**
     * Takes over every machine that runs and that nobody supervises; what is left of the others is cleared away.
     *
     * @param failures is told why one cannot be taken over; it goes on as it is
     */
    public void adopt(Consumer<FcvmException> failures) throws FcvmException, InterruptedException {
        for (StoredMachine machine : world.store().list()) {
            try {
                adopt(machine);
            } catch (FcvmException e) {
                failures.accept(e);
            }
        }
        sweep(failures);
        // Some of them were being woken when their supervisor was killed.
        world.store().list().stream()
                .filter(machine -> machine.state() instanceof MachineState.Suspended)
                .forEach(machine -> awakening.settle(machine.files()));
    }

    /** Takes a machine over, if it runs and nobody supervises it. */
    Optional<LiveMachine> adopt(StoredMachine machine) throws FcvmException, InterruptedException {
        if (!Adoption.isPossible(machine) || machine.spec().isEmpty()) {
            return Optional.empty();
        }
        MachineSpec spec = machine.spec().get();
        Adoption adoption = Adoption.of(spec, machine.files(), settings);
        Optional<OwnedMachine> owned = world.store().adopt(machine);
        if (owned.isEmpty()) {
            return Optional.empty();
        }
        LiveMachine taken =
                hold(owned.get(), spec, StoredMachine.read(machine.files()).state());
        taken.adopt(adoption);
        return Optional.of(taken);
    }

    /** Gives a machine another name: whoever holds its lock writes that down. */
    void rename(MachineId id, MachineName name) throws FcvmException, InterruptedException {
        Optional<LiveMachine> held = live(id);
        if (held.isPresent()) {
            held.get().rename(name);
            return;
        }
        StoredMachine stored = world.store().find(id.value());
        MachineSpec spec = stored.spec()
                .orElseThrow(() -> new FcvmException(
                        Kind.IN_USE, "machine " + stored.name() + " is being made, or its spec.json is damaged"));
        OwnedMachine owned = world.store()
                .adopt(stored)
                .orElseThrow(() -> new FcvmException(
                        Kind.IN_USE,
                        "machine " + stored.name() + " cannot be renamed from here: it is in the hands of another fcvm"
                                + " process, which was started with FCVM_SUPERVISOR=off"));
        try (owned) {
            owned.letGo();
            world.happened(Action.RENAME, owned, owned.rename(spec, name));
        }
    }

    /** Clears away what killed processes have left, unless it goes on. */
    public List<Sweep.Leftover> sweep(Consumer<FcvmException> failures) throws FcvmException, InterruptedException {
        WarmMaker.sweep(settings.directories(), world.clock(), failures);
        return new Sweep(
                        world.store(),
                        world.clock(),
                        id -> live.containsKey(id) || pools.all().holds(id))
                .run(failures);
    }

    /** Returns the machine, if it is in the hands of this process. */
    Optional<LiveMachine> live(MachineId id) {
        return Optional.ofNullable(live.get(id));
    }

    /** Takes a machine into the hands of this process. */
    LiveMachine hold(OwnedMachine owned, MachineSpec spec, MachineState state) {
        return held(new LiveMachine(world, owned, spec, state, () -> forget(owned)));
    }

    /** Takes a machine into the hands of this process that others have prepared, and that tells these of itself. */
    LiveMachine hold(Creation.Made made, Audience audience) {
        return held(
                new LiveMachine(world, made.files(), made.spec(), made.state(), audience, () -> forget(made.files())));
    }

    private void forget(OwnedMachine owned) {
        live.remove(owned.files().id());
        awakening.settle(owned.files());
    }

    private LiveMachine held(LiveMachine machine) {
        live.put(machine.files().id(), machine);
        awakening.watch(machine);
        return machine;
    }

    /** Lets all machines go that nobody watches, and waits until they are. */
    public void letGoUnwatched() {
        warming.stop();
        pools.close();
        awakening.close();
        List<LiveMachine> unwatched = live.values().stream()
                .filter(machine -> !machine.audience().isPresent())
                .toList();
        unwatched.forEach(LiveMachine::letGo);
        unwatched.forEach(machine -> machine.ended().join());
    }

    /**
     * Lets all machines go, those that somebody watches too.
     *
     * @param atMost how long to wait until they are
     * @return whether all are
     */
    public boolean letGoAll(Duration atMost) throws InterruptedException {
        warming.stop();
        awakening.close();
        List<LiveMachine> all = List.copyOf(live.values());
        all.forEach(LiveMachine::leave);
        try {
            CompletableFuture.allOf(all.stream().map(LiveMachine::ended).toArray(CompletableFuture<?>[]::new))
                    .get(atMost.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (ExecutionException | TimeoutException notInTime) {
            return false;
        }
    }

    /** Lets all machines go, and waits until they are. */
    @Override
    public void close() {
        warming.stop();
        pools.close();
        awakening.close();
        List<LiveMachine> all = List.copyOf(live.values());
        all.forEach(LiveMachine::leave);
        all.forEach(machine -> machine.ended().join());
    }
}
