package dev.fcvm.image;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.file.LockFile;
import dev.fcvm.host.json.UntrustedJson;
import dev.fcvm.host.process.Tool;
import dev.fcvm.image.ImageReference.InEngine;
import dev.fcvm.image.ImageReference.InFile;
import dev.fcvm.image.ImageReference.Transport;
import dev.fcvm.image.Publisher.Names;
import dev.fcvm.image.Skopeo.Inspected;
import dev.fcvm.image.Skopeo.Source;
import dev.fcvm.image.bounds.ImageBounds;
import dev.fcvm.image.bounds.Room;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Brings one image into the store. What is there already is not fetched, and what others are making is waited for.
 *
 * @param catalogue the store's content
 * @param locks the store's locks
 * @param publisher puts what was made into the store
 * @param skopeo with which it is asked and fetched
 * @param work where it is made
 * @param space in which it is unpacked
 * @param bounds what an image may take
 * @param room what there is for it
 * @param progress who hears of it
 */
record Puller(
        Catalogue catalogue,
        StoreLocks locks,
        Publisher publisher,
        Skopeo skopeo,
        WorkDirectory work,
        UnpackSpace space,
        ImageBounds bounds,
        Room room,
        Progress progress) {

    private static final int LARGEST_CONFIG = 8 << 20;

    /** Brings an image of a registry in, under its name and its digests. */
    ImageRecord fromRegistry(QualifiedName name) throws FcvmException, IOException, InterruptedException {
        Source source = Source.of(name, name.toString());
        progress.step("asking " + name.registry() + " for " + name);
        Inspected top = skopeo.inspect(source);
        List<QualifiedName> names = new ArrayList<>(List.of(name, name.withDigest(top.digest())));
        Inspected one = top;
        Source exact = Source.of(name.withDigest(top.digest()), source.label());
        if (top.manifest().isIndex()) {
            QualifiedName selected = name.withDigest(select(top.manifest(), source.label()));
            exact = Source.of(selected, source.label());
            one = skopeo.inspect(exact);
            names.add(selected);
        }
        Names all = new Names(names, Optional.of(name));
        return obtain(exact, Optional.of(one), Optional.empty(), () -> all);
    }

    /** Brings an image another engine keeps on this host in, under the name it has there. */
    ImageRecord fromEngine(InEngine reference) throws FcvmException, IOException, InterruptedException {
        Source source = Source.of(reference);
        progress.step("asking for " + reference.text());
        Inspected inspected = skopeo.inspect(source);
        Names names = Names.of(ArchiveNames.docker(reference.name()));
        return obtain(
                source,
                inspected.manifest().isIndex() ? Optional.empty() : Optional.of(inspected),
                Optional.empty(),
                () -> names);
    }

    /** Brings an image of a file or directory in, under the names it has there. */
    ImageRecord fromFile(InFile reference, String key) throws FcvmException, IOException, InterruptedException {
        try (LockFile _ = locks.source(key)) {
            Optional<ImageRecord> known = catalogue.bySource(key);
            // After the image was fetched: then skopeo has read the file, and said what is wrong with it.
            Naming naming = () -> Names.of(ArchiveNames.of(reference, tool -> confined(tool, reference)));
            if (known.isPresent()) {
                return named(known.get(), naming);
            }
            Source source = Source.of(reference);
            Optional<Inspected> inspected =
                    reference.transport() == Transport.OCI || reference.transport() == Transport.DIR
                            ? Optional.of(skopeo.inspect(source))
                            : Optional.empty();
            Optional<RawManifest> manifest =
                    inspected.isPresent() ? inspected.map(Inspected::manifest) : manifestInArchive(reference);
            if (manifest.isPresent()) {
                bounded(manifest.get(), source);
            }
            Optional<LocalBlobs> local =
                    inspected.map(top -> new LocalBlobs(reference, top)).filter(LocalBlobs::isPossible);
            ImageRecord image;
            try {
                image = obtain(source, local.map(LocalBlobs::inspected), local, naming);
            } catch (FcvmException e) {
                // Looked at after the failure only: to find the list a compressed archive is read to its end.
                ArchiveIndex.of(reference, tool -> confined(tool, reference)).requireOne(reference);
                throw e;
            }
            publisher.remember(key, image.id());
            return image;
        }
    }

    /** The manifest as far as it can be had without reading all of the image. */
    private Optional<RawManifest> manifestInArchive(InFile reference) throws FcvmException, InterruptedException {
        return reference.transport() == Transport.OCI_ARCHIVE
                        && reference.inner().isEmpty()
                ? ArchiveIndex.manifest(reference, tool -> confined(tool, reference))
                : Optional.empty();
    }

    private Tool confined(Tool tool, InFile reference) throws FcvmException {
        return space.fetching(tool, work.path(), new ConfinedRoot.Needs(false, List.of(reference.path()), List.of()));
    }

    private String select(RawManifest index, String label) throws FcvmException {
        Platform wanted = skopeo.options().wanted();
        return index.select(wanted)
                .orElseThrow(() -> new FcvmException(
                        Kind.IMAGE,
                        "cannot get %s: there is none for %s, only for: %s: choose an image that has it"
                                .formatted(label, wanted, String.join(", ", index.platforms()))));
    }

    /** Finds out what an image is to be called. */
    @FunctionalInterface
    private interface Naming {
        Names names() throws FcvmException, InterruptedException;
    }

    private ImageRecord named(ImageRecord image, Naming naming)
            throws FcvmException, IOException, InterruptedException {
        publisher.name(naming.names(), image.id());
        return image;
    }

    private ImageRecord obtain(Source source, Optional<Inspected> known, Optional<LocalBlobs> local, Naming naming)
            throws FcvmException, IOException, InterruptedException {
        Optional<String> id = known.flatMap(inspected -> inspected.manifest().imageId());
        if (id.isEmpty()) {
            // The first form of docker's manifests names no configuration: skopeo makes one.
            boolean convert = known.map(inspected -> inspected.manifest().schemaVersion() == 1)
                    .orElse(false);
            Inspected fetched = fetch(source, convert, Fetch.UNKNOWN, local);
            String found = fetched.manifest()
                    .imageId()
                    .orElseThrow(() -> new FcvmException(
                            Kind.IMAGE,
                            "cannot get %s: it is no container image: check what it is".formatted(source.label())));
            try (LockFile _ = locks.image(found)) {
                Optional<ImageRecord> there = catalogue.byId(found);
                return there.isPresent()
                        ? named(suitable(there.get(), source), naming)
                        : make(source, fetched, found, naming);
            }
        }
        try (LockFile _ = locks.image(id.get())) {
            Optional<ImageRecord> there = catalogue.byId(id.get());
            if (there.isPresent()) {
                return named(suitable(there.get(), source), naming);
            }
            RawManifest manifest = known.orElseThrow().manifest();
            bounded(manifest, source);
            Inspected fetched = fetch(source, false, manifest.bytes(), local);
            if (!fetched.manifest().imageId().equals(id)) {
                throw new FcvmException(
                        Kind.IMAGE, "cannot get %s: it has changed meanwhile: try again".formatted(source.label()));
            }
            return make(source, fetched, id.get(), naming);
        }
    }

    private Inspected fetch(Source source, boolean convert, long bytes, Optional<LocalBlobs> local)
            throws FcvmException, IOException, InterruptedException {
        if (bytes > bounds.mostBytes().bytes()) {
            throw room.tooLarge(bounds.mostBytes().bytes()).orElseThrow();
        }
        long left = room.left();
        // The layers are for a while there twice, packed and unpacked.
        if (left / 2 < bytes) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot get %s: there is no space for it in %s, which needs %d MiB and has %d above FCVM_DISK_FLOOR: make room, or set FCVM_DATA_DIR"
                            .formatted(source.label(), catalogue.store(), (bytes >> 19) + 1, left >> 20));
        }
        progress.step("fetching " + source.label());
        Path directory = work.resolve("fetched");
        if (local.isEmpty() || !local.get().linkInto(directory)) {
            new Fetch(skopeo, progress, Fetch.PATIENCE, bounds, room).into(directory, source, convert, bytes);
        }
        Path file = directory.resolve("manifest.json");
        byte[] manifest = StrangersFile.read(file, Skopeo.LARGEST_MANIFEST);
        String text = new String(manifest, StandardCharsets.UTF_8);
        return new Inspected("sha256:" + Skopeo.sha256(manifest), Skopeo.parse(text, source.label()));
    }

    private ImageRecord make(Source source, Inspected fetched, String id, Naming naming)
            throws FcvmException, IOException, InterruptedException {
        bounded(fetched.manifest(), source);
        Path directory = work.resolve("fetched");
        RawImage image = config(directory.resolve(id), source.label());
        ImageRecord draft = new ImageRecord(
                ImageRecord.VERSION,
                id,
                fetched.digest(),
                Platform.architecture(image.architecture()),
                image.variant() == null ? "" : image.variant(),
                image.createdSeconds(Instant.now()),
                0,
                image.toConfig());
        suitable(draft, source);
        progress.step("making the store disk of " + source.label());
        StoreDiskMaker maker = new StoreDiskMaker(work, space, source.label(), bounds, room, progress);
        long size = maker.unpack(directory, id);
        Path fresh = Files.createDirectories(work.resolve("new"));
        maker.write(fresh.resolve(Catalogue.DISK), id);
        ImageRecord whole = draft.withSize(size);
        publisher.publish(fresh, whole, naming.names());
        return whole;
    }

    private static void bounded(RawManifest manifest, Source source) throws FcvmException {
        if (manifest.layerCount() > RawManifest.MOST_LAYERS) {
            throw RawManifest.tooManyLayers(source.label(), Integer.toString(manifest.layerCount()));
        }
    }

    private static RawImage config(Path file, String label) throws FcvmException {
        RawImage image;
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(StrangersFile.read(file, LARGEST_CONFIG)))
                    .toString();
            image = UntrustedJson.read(Jsonb.instance().type(RawImage.class), text);
        } catch (IOException e) {
            throw noImage(label, e);
        }
        String os = image.os() == null || image.os().isEmpty() ? "linux" : image.os();
        if (os.equals("linux")) {
            return image;
        }
        throw new FcvmException(
                Kind.IMAGE,
                "cannot get %s: it is for %s, and a machine runs Linux: choose another"
                        .formatted(
                                label,
                                os.substring(0, Math.min(40, os.length())).replaceAll("\\W", "?")));
    }

    private static FcvmException noImage(String label, Exception cause) {
        return new FcvmException(
                Kind.IMAGE,
                "cannot get %s: it is damaged or no container image (its configuration): check what it is"
                        .formatted(label),
                cause);
    }

    private ImageRecord suitable(ImageRecord image, Source source) throws FcvmException {
        Platform wanted = skopeo.options().wanted();
        if (!skopeo.options().takes(image.platform())) {
            throw new FcvmException(
                    Kind.IMAGE,
                    "cannot use %s: it is for %s, and %s is wanted: choose another image, or give --platform"
                            .formatted(
                                    source.label(), image.platform().toString().replaceAll("[^\\w/]", "?"), wanted));
        }
        return image;
    }
}
