package dev.fcvm.volume.named;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.host.journal.ResourceKind;
import dev.fcvm.plan.MountSource;
import dev.fcvm.volume.AttachedMapping;
import dev.fcvm.volume.Mapping;
import dev.fcvm.volume.MappingPlace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A named volume in one machine. */
public final class VolumeMapping implements AttachedMapping {

    private final Path disk;
    private final boolean readOnly;
    private final Journal journal;
    private boolean letGo;

    private VolumeMapping(Path disk, boolean readOnly, Journal journal) {
        this.disk = disk;
        this.readOnly = readOnly;
        this.journal = journal;
    }

    private static VolumeStore store(MappingPlace place) {
        return new VolumeStore(place.settings().directories().volumes(), Clock.systemUTC());
    }

    /** Gives it to a machine that is about to boot. */
    public static VolumeMapping attach(Mapping.Volume wanted, int number, MappingPlace place)
            throws FcvmException, InterruptedException {
        if (wanted.own()) {
            return own(wanted, number, place);
        }
        Path disk = store(place)
                .attach(wanted.volume(), wanted.size(), wanted.readOnly(), place.machine(), place.journal());
        return new VolumeMapping(disk, wanted.readOnly(), place.journal());
    }

    /** Takes it over with a machine that runs, which has it already. */
    public static VolumeMapping adopt(Mapping.Volume wanted, int number, MappingPlace place)
            throws FcvmException, InterruptedException {
        if (wanted.own()) {
            return own(wanted, number, place);
        }
        return new VolumeMapping(store(place).find(wanted.volume()).disk(), wanted.readOnly(), place.journal());
    }

    /**
     * Takes it with a machine that goes on from where it was suspended.
     *
     * @throws FcvmException when it is not the machine's any more: its guest would write over what others have written
     */
    public static VolumeMapping restore(Mapping.Volume wanted, int number, MappingPlace place)
            throws FcvmException, InterruptedException {
        if (!wanted.own() && !store(place).find(wanted.volume()).machines().contains(place.machine())) {
            throw new FcvmException(
                    Kind.IN_USE,
                    "volume " + wanted.volume() + " is not machine " + place.name()
                            + "'s any more, and it cannot go on with it; remove it with: fcvm rm " + place.name());
        }
        return adopt(wanted, number, place);
    }

    /** A clone's copy, which is nobody else's, and goes with the machine. */
    private static VolumeMapping own(Mapping.Volume wanted, int number, MappingPlace place) throws FcvmException {
        Path copy = place.directory().resolve(MappingPlace.disk(number));
        if (!Files.isRegularFile(copy)) {
            throw new FcvmException(
                    Kind.HOST, "the machine's own copy of volume " + wanted.volume() + " is not there any more");
        }
        return new VolumeMapping(copy, wanted.readOnly(), place.journal());
    }

    /** Returns how it is read back from journals. */
    public static List<ResourceKind> kinds() {
        return List.of(VolumeClaim.KIND);
    }

    @Override
    public Optional<Disk> disk() {
        return Optional.of(new Disk(disk, readOnly));
    }

    @Override
    public Map<String, Saved> saved(int number) {
        // Another machine may write to it later, also where this one may not.
        return Map.of(MappingPlace.disk(number), new Saved(disk, false));
    }

    @Override
    public MountSource source(int index) {
        return new MountSource.Disk(index);
    }

    @Override
    public void letGo() {
        letGo = true;
    }

    @Override
    public void suspend() {
        letGo = true;
    }

    @Override
    public void close() throws FcvmException {
        if (!letGo) {
            Path directory = disk.getParent();
            journal.releaseAll(
                    one -> one instanceof VolumeClaim claim && claim.directory().equals(directory));
        }
    }
}
