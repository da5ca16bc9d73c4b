package dev.fcvm.volume.set;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.Pending;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.host.journal.ResourceKind;
import dev.fcvm.host.text.PrintableText;
import dev.fcvm.plan.MountPlan;
import dev.fcvm.plan.MountSource;
import dev.fcvm.settings.Settings;
import dev.fcvm.volume.AttachedMapping;
import dev.fcvm.volume.MapMode;
import dev.fcvm.volume.MappedGuest;
import dev.fcvm.volume.Mapping;
import dev.fcvm.volume.MappingPlace;
import dev.fcvm.volume.SyncMode;
import dev.fcvm.volume.VolumeName;
import dev.fcvm.volume.block.BlockMode;
import dev.fcvm.volume.named.VolumeMapping;
import dev.fcvm.volume.named.VolumeStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** All mappings of one machine, from before its boot to after its end. Closing releases what they have on the host. */
public final class MachineMappings implements AutoCloseable {

    private final List<Held> held;

    /** One of them, by its number, with what was asked for. */
    private record Held(int number, Mapping wanted, AttachedMapping attached) {}

    private interface Attaching {
        AttachedMapping attach(Mapping wanted, int number) throws FcvmException, InterruptedException;
    }

    private MachineMappings(List<Held> held) {
        this.held = new CopyOnWriteArrayList<>(held);
    }

    /**
     * Refuses what cannot be, before anything is touched.
     *
     * @param rootless whether the machine runs without root's privileges
     */
    public static void check(List<Mapping> wanted, boolean rootless, Settings settings)
            throws FcvmException, InterruptedException {
        if (wanted.size() > MountPlan.MOST) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE,
                    wanted.size() + " mappings are more than a machine has room for: " + MountPlan.MOST
                            + "; map a directory above several of them");
        }
        for (Mapping mapping : wanted) {
            switch (mapping) {
                case Mapping.HostDirectory directory ->
                    Modes.of(directory.mode()).check(directory, rootless, settings);
                case Mapping.Volume volume -> {
                    // Whether another machine has it is known when it is taken.
                }
            }
        }
    }

    /**
     * The same for a machine that goes on from what was saved: a copy that nothing comes back from needs no directory.
     */
    public static void checkSaved(List<Mapping> wanted, boolean rootless, Settings settings)
            throws FcvmException, InterruptedException {
        check(
                wanted.stream()
                        .filter(one -> !(one instanceof Mapping.HostDirectory directory) || needsSource(directory))
                        .toList(),
                rootless,
                settings);
    }

    /** Returns whether a machine that goes on from what was saved has to do with the directory itself. */
    public static boolean needsSource(Mapping.HostDirectory directory) {
        return directory.mode() != MapMode.BLOCK || (!directory.readOnly() && directory.sync() == SyncMode.BACK);
    }

    /** Makes ready what the machine needs of the host, before it boots. */
    public static MachineMappings prepare(List<Mapping> wanted, MappingPlace place)
            throws FcvmException, InterruptedException {
        try (Pending half = new Pending(() -> BlockMode.release(place.journal()))) {
            MachineMappings all = all(wanted, MachineMappings::close, (mapping, number) -> switch (mapping) {
                case Mapping.HostDirectory directory ->
                    Modes.of(directory.mode()).attach(directory, number, place);
                case Mapping.Volume volume -> VolumeMapping.attach(volume, number, place);
            });
            half.handOver();
            return all;
        }
    }

    /** Takes over those of a machine that runs and that nobody supervises. */
    public static MachineMappings adopt(List<Mapping> wanted, MappingPlace place)
            throws FcvmException, InterruptedException {
        return all(wanted, MachineMappings::close, (mapping, number) -> switch (mapping) {
            case Mapping.HostDirectory directory -> Modes.of(directory.mode()).adopt(directory, number, place);
            case Mapping.Volume volume -> VolumeMapping.adopt(volume, number, place);
        });
    }

    /** Makes ready what a machine needs that goes on from where another one was, or from where it was suspended. */
    public static MachineMappings restore(List<Mapping> wanted, MappingPlace place)
            throws FcvmException, InterruptedException {
        return all(wanted, MachineMappings::asleep, (mapping, number) -> switch (mapping) {
            case Mapping.HostDirectory directory -> Modes.of(directory.mode()).restore(directory, number, place);
            case Mapping.Volume volume -> VolumeMapping.restore(volume, number, place);
        });
    }

    private interface Undoing {
        void undo(MachineMappings half) throws FcvmException;
    }

    /** It sleeps on, with what it had. */
    private void asleep() throws FcvmException {
        suspend();
        close();
    }

    private static MachineMappings all(List<Mapping> wanted, Undoing undoing, Attaching attaching)
            throws FcvmException, InterruptedException {
        List<Held> held = new ArrayList<>();
        try (Pending half = new Pending(() -> undoing.undo(new MachineMappings(held)))) {
            for (int number = 0; number < wanted.size(); number++) {
                Mapping mapping = wanted.get(number);
                held.add(new Held(number, mapping, attaching.attach(mapping, number)));
            }
            half.handOver();
            return new MachineMappings(held);
        }
    }

    /** Returns how what machines have of mappings on the host is read back from journals. */
    public static List<ResourceKind> kinds() {
        return Stream.concat(BlockMode.kinds().stream(), VolumeMapping.kinds().stream())
                .toList();
    }

    /** Returns their disks, in the order the machine is to have them, behind its own three. */
    public List<AttachedMapping.Disk> disks() {
        return held.stream().flatMap(one -> one.attached().disk().stream()).toList();
    }

    /** Returns the files that take more of this host's disk the more the machine writes, as of now. */
    public List<Path> growing() {
        return held.stream().flatMap(one -> one.attached().growing().stream()).toList();
    }

    /** Returns what is saved with the machine ({@link AttachedMapping#saved}). */
    public Map<String, AttachedMapping.Saved> saved() {
        Map<String, AttachedMapping.Saved> saved = new TreeMap<>();
        held.forEach(one -> saved.putAll(one.attached().saved(one.number())));
        return saved;
    }

    /** Returns what the agent is told of a machine whose disks are in the order of {@link #disks}. */
    public List<MountPlan> plan() {
        return plan(IntStream.range(MountSource.Disk.FIRST, MountSource.Disk.FIRST + disks().size())
                .boxed()
                .toList());
    }

    /**
     * Returns what the agent is told.
     *
     * @param places which of the machine's disks each of {@link #disks} has become, in their order
     */
    public List<MountPlan> plan(List<Integer> places) {
        List<MountPlan> plan = new ArrayList<>();
        Iterator<Integer> place = places.iterator();
        for (int number = 0; number < held.size(); number++) {
            Mapping wanted = held.get(number).wanted();
            AttachedMapping attached = held.get(number).attached();
            plan.add(new MountPlan(
                    held.get(number).number(),
                    attached.source(attached.disk().isPresent() ? place.next() : MountSource.Disk.FIRST),
                    attached.inside(),
                    wanted.target(),
                    wanted.readOnly(),
                    wanted instanceof Mapping.Volume volume && volume.copyUp(),
                    wanted.options()));
        }
        return plan;
    }

    /** Returns what there is, those that were added while the machine ran included. */
    public List<Mapping> wanted() {
        return held.stream().map(Held::wanted).toList();
    }

    /** Returns a number that none has. */
    public int next() {
        return held.stream().mapToInt(Held::number).max().orElse(-1) + 1;
    }

    /** Adds one that was made ready for a machine that runs. */
    public void add(int number, Mapping mapping, AttachedMapping attached) {
        held.add(new Held(number, mapping, attached));
    }

    /** Brings back and releases what the one of this number has. */
    public void remove(int number) throws FcvmException, InterruptedException {
        for (Held one : held.stream().filter(one -> one.number() == number).toList()) {
            held.remove(one);
            try (AttachedMapping gone = one.attached()) {
                gone.takeBack();
            }
        }
    }

    /** The agent is there; see {@link AttachedMapping#connect}. */
    public void connect(MappedGuest guest) throws FcvmException, InterruptedException {
        for (Held one : held) {
            one.attached().connect(guest);
        }
    }

    /**
     * The machine has ended, and its monitor with it: what the container changed comes back, where that is to be.
     *
     * @throws FcvmException the first failure, with all others suppressed in it
     */
    public void takeBack() throws FcvmException, InterruptedException {
        each(held, AttachedMapping::takeBack);
    }

    /**
     * The machine stands still, and goes on afterwards: what the container has changed until now comes back.
     *
     * @throws FcvmException the first failure, with all others suppressed in it
     */
    public void sync() throws FcvmException, InterruptedException {
        each(held, AttachedMapping::sync);
    }

    private interface Step {
        void with(AttachedMapping one) throws FcvmException, InterruptedException;
    }

    private static void each(List<Held> all, Step step) throws FcvmException, InterruptedException {
        FcvmException first = null;
        for (Held one : all) {
            try {
                step.with(one.attached());
            } catch (FcvmException failure) {
                if (first == null) {
                    first = failure;
                } else {
                    first.addSuppressed(failure);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }

    /** Brings back what a machine that has ended changed in its copies; what is to be known goes to the place's listener. */
    public static void sync(List<Mapping> wanted, MappingPlace place) throws FcvmException, InterruptedException {
        for (int number = 0; number < wanted.size(); number++) {
            if (wanted.get(number) instanceof Mapping.HostDirectory directory
                    && directory.mode() == MapMode.BLOCK
                    && !directory.readOnly()) {
                BlockMode.sync(directory, number, place);
            }
        }
        BlockMode.syncRest(place);
    }

    /**
     * Makes volumes of the copies whose changes cannot come back, since their machine is to go all the same.
     *
     * @param machine whose they are
     * @param journal of that machine
     * @param volumes where they go
     * @return what the user is to be told, a line each
     */
    public static List<String> giveUp(MachineId machine, Journal journal, VolumeStore volumes)
            throws FcvmException, InterruptedException {
        List<String> told = new ArrayList<>();
        BlockMode.giveUp(journal, (disk, source) -> {
            var name = new VolumeName("lost-" + machine.brief() + "-" + told.size());
            volumes.take(name, disk, List.of("fcvm.copy-of=" + PrintableText.line(source.toString())));
            told.add("what the machine changed in its copy of " + source + " did not come back: the copy is volume "
                    + name + " now; look at it with: fcvm volume export -o FILE " + name);
        });
        return told;
    }

    /** The machine is suspended; see {@link AttachedMapping#suspend}. */
    public void suspend() {
        held.forEach(one -> one.attached().suspend());
    }

    /** Leaves them, as they are, to another process. */
    public void letGo() {
        held.forEach(one -> one.attached().letGo());
    }

    @Override
    public void close() throws FcvmException {
        FcvmException first = null;
        for (Held one : held.reversed()) {
            try {
                one.attached().close();
            } catch (FcvmException failure) {
                if (first == null) {
                    first = failure;
                } else {
                    first.addSuppressed(failure);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
