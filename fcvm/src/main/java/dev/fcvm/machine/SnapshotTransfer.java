package dev.fcvm.machine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.CpuModel;
import dev.fcvm.image.ImageStore;
import dev.fcvm.image.StoreDisk;
import dev.fcvm.machine.spec.MachineSource.VmmSource;
import dev.fcvm.machine.spec.MachineSpec;
import dev.fcvm.settings.Settings;
import dev.fcvm.settings.VmmKind;
import dev.fcvm.snapshot.ArchiveReader;
import dev.fcvm.snapshot.Snapshot;
import dev.fcvm.snapshot.SnapshotArchive;
import dev.fcvm.snapshot.SnapshotCheck;
import dev.fcvm.snapshot.SnapshotDraft;
import dev.fcvm.snapshot.SnapshotManifest;
import dev.fcvm.snapshot.SnapshotStore;
import dev.fcvm.vmm.Vmm;
import dev.fcvm.volume.MapMode;
import dev.fcvm.volume.Mapping;
import dev.fcvm.volume.MappingPlace;
import dev.fcvm.volume.set.MachineMappings;
import io.avaje.json.JsonException;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Takes snapshots to other hosts, as one file each, with the image and the root file system that their machines have. */
public final class SnapshotTransfer {

    private final Settings settings;
    private final SnapshotStore snapshots;
    private final ImageStore images;

    /** Between this user's stores and files. */
    public SnapshotTransfer(Settings settings, SnapshotStore snapshots, ImageStore images) {
        this.settings = settings;
        this.snapshots = snapshots;
        this.images = images;
    }

    /** Writes one into a file. It is read as a whole before. */
    public void write(String name, OutputStream to) throws FcvmException {
        Snapshot snapshot = snapshots.find(name);
        SnapshotCheck.read(snapshot);
        MachineSpec spec = Cloning.saved(snapshot);
        SnapshotArchive.write(snapshot, images.document(spec.imageId()), images.disk(spec.imageId()), to);
    }

    /**
     * Makes one of what was written elsewhere. Nothing of it is left when it is refused, but for its image.
     *
     * @param name what it is to be called; empty for as it was called
     * @throws FcvmException when it is damaged, when there is one of that name, or when machines of it cannot go on here,
     *     with all that differs
     */
    public Snapshot read(InputStream from, Optional<String> name, VmmSource monitors)
            throws FcvmException, InterruptedException {
        ArchiveReader archive = ArchiveReader.open(from);
        SnapshotManifest manifest = archive.head().manifest();
        String called = name.orElse(manifest.name());
        snapshots.checkFree(called);
        refuseElsewhere(called, manifest, monitors);
        MachineSpec spec = spec(archive.spec());
        List<Mapping> mappings = spec.wantedMappings();
        try (SnapshotDraft draft = snapshots.begin()) {
            Path fresh = draft.directory().resolve("image");
            Files.createDirectory(fresh);
            Snapshot whole = draft.take(
                    archive,
                    Jsonb.instance()
                            .type(MachineSpec.class)
                            .toJson(spec.moved(images.disk(spec.imageId()).toString())),
                    called,
                    fresh.resolve(ImageStore.DISK),
                    fixed(mappings)::contains,
                    settings.diskFloor().bytes());
            StoreDisk image = images.include(fresh, archive.head().imageDocument(), SnapshotCheck::isSame);
            if (!image.imageId().equals(spec.imageId()) || !image.digest().equals(manifest.imageDigest())) {
                throw new FcvmException(
                        Kind.IMAGE, "the file cannot be imported: its image is another than its machine's");
            }
            draft.forget(fresh);
            return draft.publish(whole);
        } catch (IOException failure) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot import the snapshot " + called + ": " + IoReason.of(failure) + "; look at the disk space",
                    failure);
        }
    }

    /** Disks that no machine writes to: clones have them by other names. */
    private static Set<String> fixed(List<Mapping> mappings) {
        Set<String> fixed = new HashSet<>();
        for (int number = 0; number < mappings.size(); number++) {
            if (mappings.get(number) instanceof Mapping.HostDirectory directory
                    && directory.mode() == MapMode.BLOCK
                    && directory.readOnly()) {
                fixed.add(MappingPlace.disk(number));
            }
        }
        return fixed;
    }

    /** Returns what machines of it need of this host that is not there, a line each: it did not come with the file. */
    public static List<String> missing(Snapshot snapshot) throws FcvmException {
        List<String> missing = new ArrayList<>();
        for (Mapping mapping : Cloning.saved(snapshot).wantedMappings()) {
            if (mapping instanceof Mapping.HostDirectory directory
                    && MachineMappings.needsSource(directory)
                    && !Files.exists(directory.source())) {
                missing.add("machines of " + snapshot.name() + " need " + directory.source() + " on this host, for "
                        + mapping.target() + ": make it before you clone");
            }
        }
        return missing;
    }

    private static MachineSpec spec(String json) throws FcvmException {
        try {
            return Jsonb.instance().type(MachineSpec.class).fromJson(json);
        } catch (JsonException | NullPointerException | IllegalArgumentException damaged) {
            throw new FcvmException(
                    Kind.HOST,
                    "the file cannot be imported: what it says of its machine is of no use: " + damaged.getMessage(),
                    damaged);
        }
    }

    /** A guest goes on using what it found when it booted, and a monitor understands what it wrote itself. */
    private void refuseElsewhere(String name, SnapshotManifest saved, VmmSource monitors)
            throws FcvmException, InterruptedException {
        List<String> differences = new ArrayList<>();
        String cpu = cpu();
        if (!saved.cpu().equals(cpu)) {
            differences.add("its processor was " + saved.cpu() + ", and this host has " + cpu);
        }
        Vmm vmm = monitors.choose(settings.booting(kind(saved.vmm()), Optional.empty()))
                .vmm();
        if (!vmm.capabilities().snapshots() || vmm.capabilities().hardware() != saved.kvm()) {
            differences.add("it was made by " + saved.monitor() + (saved.kvm() ? " with KVM" : " without KVM")
                    + ", and here machines run in " + vmm.name()
                    + (vmm.capabilities().hardware() ? " with KVM" : " without KVM"));
        } else if (!saved.monitor().equals(vmm.version())) {
            differences.add("it was made by " + saved.monitor() + ", and here is " + vmm.version());
        }
        if (!differences.isEmpty()) {
            throw new FcvmException(
                    Kind.HOST,
                    "the snapshot " + name + " was made on another kind of host, and its machines cannot go on here: "
                            + String.join("; ", differences));
        }
    }

    private static VmmKind kind(String vmm) throws FcvmException {
        try {
            return VmmKind.valueOf(vmm.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException unknown) {
            throw new FcvmException(
                    Kind.VMM, "the file cannot be imported: it is of a monitor that fcvm does not know", unknown);
        }
    }

    private static String cpu() throws FcvmException {
        try {
            return CpuModel.ofHost().text();
        } catch (IOException unreadable) {
            throw new FcvmException(
                    Kind.HOST, "cannot ask which processor this host has: " + IoReason.of(unreadable), unreadable);
        }
    }
}
