package dev.fcvm.cli.run;

import dev.fcvm.cli.snapshot.Saved;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.Uninterrupted;
import dev.fcvm.machine.ForegroundRun.Origin;
import dev.fcvm.machine.Machine;
import dev.fcvm.machine.Machines;
import dev.fcvm.machine.pool.PoolStore;
import dev.fcvm.machine.spec.CidFile;
import dev.fcvm.machine.spec.CloneRequest;
import dev.fcvm.machine.spec.MachineSource;
import dev.fcvm.machine.spec.ResolvedImage;
import dev.fcvm.machine.spec.RunRequest;
import dev.fcvm.machine.spec.WarmRunKey;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.snapshot.Snapshot;
import dev.fcvm.snapshot.SnapshotCheck;
import dev.fcvm.snapshot.SnapshotStore;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * {@code fcvm run --warm}: a machine is saved once its container is ready, and the next run of the same image, command and
 * configuration goes on from there. What was saved is a snapshot as any other; those that were made last are kept.
 */
final class WarmRun implements AutoCloseable {

    /** How many are kept. */
    private static final int MOST = 8;

    private final Machines machines;
    private final RunRequest request;
    private final MachineSource source;
    private final SnapshotStore store;
    private boolean cold;
    private Optional<String> tried = Optional.empty();
    private CompletableFuture<Boolean> started = new CompletableFuture<>();
    private Optional<Thread> saver = Optional.empty();

    WarmRun(Machines machines, RunRequest request, MachineSource source) throws FcvmException {
        this.machines = machines;
        this.request = request;
        this.source = source;
        this.store = SnapshotStore.open(source.settings().directories());
    }

    /** How a machine is started and stayed with. */
    @FunctionalInterface
    interface Run {
        int of(Origin origin) throws FcvmException;
    }

    /** Refuses what a saved machine must not have, or could not hand on, before anything is touched. */
    static void check(RunRequest request, boolean saves) throws FcvmException {
        if (saves) {
            throw refused("--save-snapshot, which saves the machine as well");
        }
        if (!request.mappings().isEmpty()) {
            throw refused("mapped directories and volumes, which would be those of the first run");
        }
        if (!request.secrets().isEmpty()) {
            throw refused("--secret: the secrets would be in the memory that is saved");
        }
    }

    private static FcvmException refused(String what) {
        return new FcvmException(Kind.USAGE, "--warm does not go with " + what);
    }

    /** Runs it; a machine that cannot go on from what was saved boots, with a line that says why. */
    int run(Run run) throws FcvmException {
        try {
            return run.of(this::machine);
        } catch (FcvmException failure) {
            if (tried.isEmpty() || started.getNow(false)) {
                throw failure;
            }
            giveUp(tried.get(), failure);
            return run.of(this::machine);
        }
    }

    private Machine machine() throws FcvmException, InterruptedException {
        Sweeping.before(machines, source.listener());
        ResolvedImage image = source.image().resolve();
        var own = new MachineSource(source.settings(), source.monitors(), () -> image, source.listener());
        String name = WarmRunKey.of(request, image, source.settings());
        Optional<Snapshot> saved = cold ? Optional.empty() : saved(name);
        if (saved.isPresent()) {
            tried = Optional.of(name);
            return clone(saved.get(), image, own);
        }
        Machine made = machines.create(request, own, true);
        saver = Optional.of(Thread.ofVirtual().name("save-warm").start(() -> save(made, name)));
        return made;
    }

    private Optional<Snapshot> saved(String name) throws FcvmException {
        if (!store.has(name)) {
            return Optional.empty();
        }
        try {
            Snapshot found = store.find(name);
            SnapshotCheck.check(found);
            return Optional.of(found);
        } catch (FcvmException damaged) {
            giveUp(name, damaged);
            return Optional.empty();
        }
    }

    private Machine clone(Snapshot saved, ResolvedImage image, MachineSource own)
            throws FcvmException, InterruptedException {
        NetworkRequest network = request.publishAll()
                ? request.network().publishing(request.flags().exposing(image.exposedPorts()))
                : request.network();
        var wanted = new CloneRequest(
                request.name(),
                request.hostname(),
                network.ports(),
                List.of(),
                List.of(),
                List.of(),
                request.remove(),
                // Not that of the machine that was saved.
                Optional.of(request.suspendAfter().orElse(Duration.ZERO)));
        Machine clone = machines.clone(wanted, saved, own);
        boolean known = false;
        try (CidFile file = CidFile.create(request.cidFile(), clone.id().value())) {
            started = clone.started();
            file.keep();
            known = true;
            return clone;
        } finally {
            if (!known) {
                clone.dismiss(false);
            }
        }
    }

    /** What was saved cannot be used, and is made anew. */
    private void giveUp(String name, FcvmException why) throws FcvmException {
        source.listener().warn("what --warm has saved cannot be used, and the machine boots: " + why.getMessage());
        cold = true;
        tried = Optional.empty();
        Uninterrupted.run(() -> store.remove(name));
    }

    private void save(Machine machine, String name) {
        try {
            if (!machine.awaitStart()) {
                return; // why is told by whoever has started it
            }
            machine.awaitReady(Optional.empty());
            Saved.save(machine, store, name, source.settings());
            dropOldest();
        } catch (FcvmException unsaved) {
            source.listener().warn("--warm has saved nothing for the next run: " + unsaved.getMessage());
        } catch (InterruptedException calledOff) {
            Thread.currentThread().interrupt();
        }
    }

    private void dropOldest() throws FcvmException, InterruptedException {
        Set<String> used = new PoolStore(source.settings().directories()).used();
        List<Snapshot> all = store.list().stream()
                .filter(snapshot -> WarmRunKey.isOne(snapshot.name()) && !used.contains(snapshot.name()))
                .sorted(Comparator.comparing(
                                (Snapshot snapshot) -> snapshot.manifest().created())
                        .reversed())
                .toList();
        for (Snapshot old : all.subList(Math.min(MOST, all.size()), all.size())) {
            store.remove(old.name());
        }
    }

    /** Waits until the machine is saved, or has ended before. */
    @Override
    public void close() {
        saver.ifPresent(Uninterrupted::join);
    }
}
