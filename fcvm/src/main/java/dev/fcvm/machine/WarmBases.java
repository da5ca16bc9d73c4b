package dev.fcvm.machine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.MachineSource.VmmSource;
import dev.fcvm.machine.disk.DiskPlan;
import dev.fcvm.net.flags.GuestNames;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.settings.DataSize;
import dev.fcvm.settings.Settings;
import dev.fcvm.settings.VmmKind;
import dev.fcvm.snapshot.Snapshot;
import dev.fcvm.snapshot.SnapshotCheck;
import dev.fcvm.snapshot.SnapshotStore;
import dev.fcvm.vmm.VmSpec.Isolation;
import dev.fcvm.vmm.Vmm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The warm bases of a user: snapshots of machines that have booted, whose agent is up, and which have no container yet. A
 * run starts from one instead of booting.
 */
public final class WarmBases {

    /** A size of machine has one each; who uses more of them makes them again. */
    private static final int MOST = 8;

    /** Touched when a machine starts from one. */
    private static final String USED = "used";

    private final SnapshotStore store;
    private final Clock clock;

    /** Opens them. */
    public WarmBases(Settings settings, Clock clock) throws FcvmException {
        this.store = SnapshotStore.warmBases(settings.directories());
        this.clock = clock;
    }

    /**
     * Makes the one for machines for which nothing is asked for, unless it is there.
     *
     * @return false where machines do not start from any
     */
    public static boolean makeUsual(Settings settings, VmmSource monitors, Clock clock, RunListener listener)
            throws FcvmException, InterruptedException {
        Isolation isolation = Isolations.choose(settings.mode());
        Vmm vmm = monitors.choose(settings).vmm();
        if (!settings.warmBase() || !vmm.capabilities().snapshots()) {
            return false;
        }
        vmm.check(isolation);
        Base base = Base.find(settings);
        Resources resources = Resources.of(
                Optional.empty(),
                Optional.empty(),
                HostCapacity.ask(vmm.capabilities().hardware()));
        MachineStore machines = MachineStore.open(settings.directories());
        DataSize diskSize = DiskPlan.choose(
                settings.diskSize(),
                settings.diskFloor(),
                settings.directories().machines());
        var wanted = new WarmStart(WarmKey.of(settings, base, vmm, resources, diskSize), Optional.empty(), diskSize);
        var launch = new Launch(
                settings,
                base,
                vmm,
                isolation,
                resources,
                NetworkRequest.without(GuestNames.HOSTS),
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty(),
                Optional.of(wanted));
        new WarmMaker(machines, clock, listener).make(launch, wanted);
        return true;
    }

    /** Returns where they lie. */
    SnapshotStore store() {
        return store;
    }

    /**
     * Returns the one that was made under this, when it is there and whole; one that is not whole is removed.
     *
     * @param listener hears why one is not used
     */
    Optional<Snapshot> find(WarmKey key, RunListener listener) throws FcvmException, InterruptedException {
        if (!store.has(key.name())) {
            return Optional.empty();
        }
        try {
            Snapshot found = store.find(key.name());
            SnapshotCheck.check(found);
            touch(found);
            return Optional.of(found);
        } catch (FcvmException unusable) {
            listener.warn("the machine boots, since its warm base is of no use: " + unusable.getMessage());
            remove(key);
            return Optional.empty();
        }
    }

    private void touch(Snapshot used) {
        Path mark = used.directory().resolve(USED);
        try {
            if (!Files.exists(mark)) {
                Files.createFile(mark);
            }
            Files.setLastModifiedTime(mark, FileTime.from(clock.instant()));
        } catch (IOException untouched) {
            return; // it only is the first that goes
        }
    }

    /** Removes one that is of no use; another process may have done so before. */
    void remove(WarmKey key) throws FcvmException, InterruptedException {
        remove(key.name());
    }

    private void remove(String name) throws FcvmException, InterruptedException {
        if (store.has(name)) {
            store.remove(name);
        }
    }

    /** Removes those that were used longest ago, beyond as many as are kept. */
    void trim() throws FcvmException, InterruptedException {
        List<Snapshot> all = new ArrayList<>(store.list());
        all.sort(Comparator.comparing(WarmBases::lastUse));
        for (Snapshot oldest : all.subList(0, Math.max(0, all.size() - MOST))) {
            remove(oldest.name());
        }
    }

    private static Instant lastUse(Snapshot base) {
        try {
            return Files.getLastModifiedTime(base.directory().resolve(USED)).toInstant();
        } catch (IOException never) {
            return Instant.parse(base.manifest().created());
        }
    }

    /**
     * Removes those that no machine can start from here any more.
     *
     * @param all every one
     * @return the names of those removed
     */
    public List<String> prune(Settings settings, VmmSource monitors, boolean all)
            throws FcvmException, InterruptedException {
        List<String> removed = new ArrayList<>();
        for (String name : store.names()) {
            if (all || !isOfUse(name, settings, monitors)) {
                remove(name);
                removed.add(name);
            }
        }
        return removed;
    }

    private boolean isOfUse(String name, Settings settings, VmmSource monitors) throws InterruptedException {
        try {
            Snapshot base = store.find(name);
            SnapshotCheck.check(base);
            VmmKind kind = VmmKind.valueOf(base.manifest().vmm().toUpperCase(Locale.ROOT));
            Vmm vmm = monitors.choose(settings.booting(kind, settings.kernel())).vmm();
            return base.spec().startsWith(WarmKey.host(Base.find(settings), vmm));
        } catch (FcvmException | IOException | IllegalArgumentException useless) {
            return false;
        }
    }
}
