package dev.fcvm.image;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.file.LockFile;
import dev.fcvm.image.ImageReference.ById;
import dev.fcvm.image.ImageReference.InEngine;
import dev.fcvm.image.ImageReference.InFile;
import dev.fcvm.image.ImageReference.Registry;
import dev.fcvm.image.ImageReference.ShortName;
import dev.fcvm.image.Lookup.Found;
import dev.fcvm.image.bounds.ImageBounds;
import io.avaje.json.JsonException;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The images of this user as store disks, each made once. A process opens one for a directory; it is safe to use from
 * several threads. Nothing is touched by opening it.
 */
public final class ImageStore {

    /** What the disk of an image is called in the directory that {@link #include} takes. */
    public static final String DISK = Catalogue.DISK;

    private static final String LOCALHOST = "localhost";

    private final Catalogue catalogue;
    private final StoreLocks locks;
    private final Leases leases = new Leases();
    private final Lookup lookup;
    private final Workshop workshop;
    private final Removal removal;
    private final Naming naming;

    private ImageStore(Path directory, Map<String, String> environment, ImageBounds bounds) {
        this.catalogue = new Catalogue(directory);
        this.locks = new StoreLocks(directory.resolve("locks"));
        this.lookup = new Lookup(catalogue, environment);
        this.workshop = new Workshop(catalogue, locks, UnpackSpace.ofUser(), environment, bounds);
        this.removal = new Removal(catalogue, locks, leases, UnpackSpace.ofUser());
        this.naming = new Naming(catalogue, new Publisher(catalogue, locks, UnpackSpace.ofUser()), locks);
    }

    /**
     * Opens the store in a directory, which need not exist yet.
     *
     * @param directory absolute
     * @param environment of the process: it says where registries.conf and credentials are
     * @param bounds what an image may take
     */
    public static ImageStore open(Path directory, Map<String, String> environment, ImageBounds bounds) {
        return new ImageStore(directory, Map.copyOf(environment), bounds);
    }

    /**
     * Finds an image's store disk, and makes it when it is not there or the policy wants it anew. For an image that is
     * there nothing is started and one small file is read, unless the policy is to ask. An interrupt ends what was
     * started and leaves nothing half made.
     *
     * @throws FcvmException when the image cannot be had
     */
    public StoreDisk resolve(ImageReference reference, PullPolicy policy, RegistryOptions options, Progress progress)
            throws FcvmException, InterruptedException {
        ImageRecord image = find(reference, policy, options, progress);
        if (!image.platform().suits(options.wanted())) {
            // As Podman: some images name a platform that is not theirs, and run all the same.
            progress.note("image platform (%s) does not match the expected platform (%s)"
                    .formatted(image.platform().toString().replaceAll("[^\\w/]", "?"), options.wanted()));
        }
        return new StoreDisk(catalogue.disk(image.id()), image.digest(), image.id(), image.config());
    }

    private ImageRecord find(ImageReference reference, PullPolicy policy, RegistryOptions options, Progress progress)
            throws FcvmException, InterruptedException {
        Platform wanted = options.wanted();
        Optional<ImageRecord> here =
                lookup.find(reference, wanted).map(Found::image).filter(image -> options.takes(image.platform()));
        return switch (policy) {
            case NEVER ->
                here.orElseThrow(() -> new FcvmException(
                        Kind.NOT_FOUND,
                        "image %s for %s is not in the store: get it with: fcvm pull %s"
                                .formatted(reference.text(), wanted, reference.text())));
            case MISSING ->
                // Only the engine itself knows whether its image is still the same one.
                here.isPresent() && !(reference instanceof InEngine) ? here.get() : pull(reference, options, progress);
            case ALWAYS -> here.isPresent() && isOnlyHere(reference) ? here.get() : pull(reference, options, progress);
            case NEWER ->
                here.isPresent() ? newer(reference, here.get(), options, progress) : pull(reference, options, progress);
        };
    }

    private ImageRecord newer(ImageReference reference, ImageRecord here, RegistryOptions options, Progress progress)
            throws FcvmException, InterruptedException {
        if (reference instanceof InFile || isOnlyHere(reference)) {
            return here;
        }
        try {
            return pull(reference, options, progress);
        } catch (FcvmException e) {
            if (e.kind() == Kind.USAGE) {
                throw e;
            }
            return here; // as Podman: a registry that cannot be asked has nothing newer
        }
    }

    private static boolean isOnlyHere(ImageReference reference) {
        return reference instanceof ById
                || (reference instanceof Registry(String text, QualifiedName name)
                        && name.registry().equals(LOCALHOST));
    }

    private ImageRecord pull(ImageReference reference, RegistryOptions options, Progress progress)
            throws FcvmException, InterruptedException {
        return switch (reference) {
            case Registry(String text, QualifiedName name) -> pull(text, List.of(name), options, progress);
            case ShortName(String text, var name) ->
                pull(text, lookup.configuration().remote(text, name), options, progress);
            case ById(String text, String hex) ->
                throw new FcvmException(
                        Kind.NOT_FOUND,
                        "image %s is not in the store, and only a name can be fetched: see fcvm images"
                                .formatted(text));
            case InFile file -> {
                String key = SourceKey.of(file, options.wanted());
                yield workshop.with(file.text(), options, progress, puller -> puller.fromFile(file, key));
            }
            case InEngine engine ->
                workshop.with(engine.text(), options, progress, puller -> puller.fromEngine(engine));
        };
    }

    private ImageRecord pull(String text, List<QualifiedName> candidates, RegistryOptions options, Progress progress)
            throws FcvmException, InterruptedException {
        List<FcvmException> failures = new ArrayList<>();
        for (QualifiedName name : candidates) {
            if (name.registry().equals(LOCALHOST)) {
                failures.add(new FcvmException(
                        Kind.NOT_FOUND,
                        "image %s is not in the store, and names under localhost/ are in no registry: take it from Podman with: fcvm pull containers-storage:%s"
                                .formatted(name, name)));
                continue;
            }
            try {
                return workshop.with(name.toString(), options, progress, puller -> puller.fromRegistry(name));
            } catch (FcvmException e) {
                failures.add(e);
            }
        }
        if (failures.size() == 1) {
            throw failures.getFirst();
        }
        String reasons = String.join(
                "; ", failures.stream().map(FcvmException::getMessage).toList());
        throw new FcvmException(
                failures.getLast().kind(),
                "cannot get %s from any registry: %s".formatted(text, reasons),
                failures.getLast());
    }

    /**
     * Keeps a store disk from being removed until the lease is closed or this process ends.
     *
     * @throws FcvmException when it has been removed since it was resolved
     */
    public Lease lease(StoreDisk disk) throws FcvmException, InterruptedException {
        try (LockFile _ = locks.catalogue()) {
            if (catalogue.byId(disk.imageId()).isEmpty()) {
                throw new FcvmException(
                        Kind.NOT_FOUND, "image %s has just been removed: run it again".formatted(disk.imageId()));
            }
            // What killed runs left, of other images as well: nobody else may ever come for those.
            for (String id : catalogue.ids()) {
                leases.count(catalogue.directory(id));
            }
            return leases.take(catalogue.directory(disk.imageId()));
        } catch (IOException e) {
            throw Workshop.failure("use", "image " + disk.imageId(), catalogue, e);
        }
    }

    /** Whether two disks are the same. */
    @FunctionalInterface
    public interface DiskComparison {
        /** Compares what is in them. */
        boolean areSame(Path one, Path other) throws IOException;
    }

    /**
     * Puts an image into the store that a saved machine has mounted, and so needs as it is. It gets no name.
     *
     * @param fresh a directory with its disk, {@value Catalogue#DISK}, which becomes the store's
     * @param document what {@link #document} returned where it comes from
     * @return the image
     * @throws FcvmException when there is one of this id whose disk is another
     */
    public StoreDisk include(Path fresh, String document, DiskComparison comparison)
            throws FcvmException, InterruptedException {
        ImageRecord image;
        try {
            image = Jsonb.instance().type(ImageRecord.class).fromJson(document);
            if (image.version() != ImageRecord.VERSION
                    || !ImageReference.Names.ID.matcher(image.id()).matches()) {
                throw new IllegalArgumentException("it is of no image");
            }
        } catch (JsonException | NullPointerException | IllegalArgumentException damaged) {
            throw new FcvmException(
                    Kind.IMAGE, "what came with an image says nothing of it: " + damaged.getMessage(), damaged);
        }
        try (LockFile _ = locks.image(image.id())) {
            if (catalogue.byId(image.id()).isEmpty()) {
                Files.setPosixFilePermissions(
                        fresh.resolve(Catalogue.DISK), PosixFilePermissions.fromString("r--r--r--"));
                new Publisher(catalogue, locks, UnpackSpace.ofUser())
                        .publish(fresh, image, Publisher.Names.of(List.of()));
            } else if (!comparison.areSame(catalogue.disk(image.id()), fresh.resolve(Catalogue.DISK))) {
                throw new FcvmException(
                        Kind.IN_USE,
                        "the image " + image.id().substring(0, 12) + " is here with another disk, made from the same"
                                + " layers; remove it first, with: fcvm rmi -f "
                                + image.id().substring(0, 12));
            }
            return new StoreDisk(catalogue.disk(image.id()), image.digest(), image.id(), image.config());
        } catch (IOException e) {
            throw Workshop.failure("put in", "image " + image.id(), catalogue, e);
        }
    }

    /** Returns all that is known of the image with this id, as JSON, for {@link #include} elsewhere. */
    public String document(String id) throws FcvmException {
        ImageRecord image = catalogue
                .byId(id)
                .orElseThrow(() -> new FcvmException(
                        Kind.NOT_FOUND, "image %s is not in the store: see fcvm images".formatted(id)));
        return Jsonb.instance().type(ImageRecord.class).toJson(image);
    }

    /** Returns where the disk of the image with this id is, or would be. */
    public Path disk(String id) throws FcvmException {
        if (!ImageReference.Names.ID.matcher(id).matches()) {
            throw new FcvmException(Kind.IMAGE, "\"" + id + "\" is no id of an image");
        }
        return catalogue.disk(id);
    }

    /** Returns the images in the store, the newest first. */
    public List<ImageSummary> list() throws FcvmException, InterruptedException {
        return removal.list();
    }

    /** Returns the image a reference means in the store. */
    public ImageRecord inspect(ImageReference reference) throws FcvmException {
        return found(reference).image();
    }

    /**
     * Gives an image more names.
     *
     * @param names without a registry they are localhost's
     */
    public void tag(ImageReference reference, List<String> names) throws FcvmException, InterruptedException {
        naming.tag(found(reference).image(), names);
    }

    /**
     * Takes names away from an image, which stays.
     *
     * @param names none for all
     * @throws FcvmException when it has no such name
     */
    public void untag(ImageReference reference, List<String> names) throws FcvmException, InterruptedException {
        naming.untag(found(reference).image(), names);
    }

    /**
     * Takes a name away, and with the last one the image.
     *
     * @param allNames whether it goes although it has several names
     * @param evenUsed whether it goes although machines use it
     * @param usage who needs an image
     * @return what was done, in Podman's words, a line each
     * @throws FcvmException when there is no such image, or machines use it
     */
    public List<String> remove(ImageReference reference, boolean allNames, boolean evenUsed, ImageUsage usage)
            throws FcvmException, InterruptedException {
        return removal.remove(found(reference), allNames, evenUsed, usage);
    }

    /**
     * Removes images that nobody uses, and what killed runs left behind.
     *
     * @param all also those that have a name
     * @param usage who needs an image
     * @return the removed images' ids
     */
    public List<String> prune(boolean all, ImageUsage usage) throws FcvmException, InterruptedException {
        workshop.sweep();
        return removal.prune(all, usage);
    }

    private Found found(ImageReference reference) throws FcvmException {
        return lookup.find(reference, Platform.host())
                .orElseThrow(() -> new FcvmException(
                        Kind.NOT_FOUND, "image %s is not in the store: see fcvm images".formatted(reference.text())));
    }
}
