package dev.fcvm.image;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.file.LockFile;
import dev.fcvm.host.file.PrivateDirectories;
import dev.fcvm.image.bounds.ImageBounds;
import dev.fcvm.image.bounds.Room;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Where images are brought in: a fresh work directory for each, and the last run's leftovers swept before. */
final class Workshop {

    private final Catalogue catalogue;
    private final StoreLocks locks;
    private final UnpackSpace space;
    private final Map<String, String> environment;
    private final ImageBounds bounds;
    private final Path parent;

    Workshop(
            Catalogue catalogue,
            StoreLocks locks,
            UnpackSpace space,
            Map<String, String> environment,
            ImageBounds bounds) {
        this.catalogue = catalogue;
        this.locks = locks;
        this.space = space;
        this.environment = Map.copyOf(environment);
        this.bounds = bounds;
        this.parent = catalogue.store().resolve("partial");
    }

    /** What is done in the work directory. */
    @FunctionalInterface
    interface Job {
        ImageRecord run(Puller puller) throws FcvmException, IOException, InterruptedException;
    }

    /** Does a job, and leaves nothing of the work directory behind, however it ends. */
    ImageRecord with(String label, RegistryOptions options, Progress progress, Job job)
            throws FcvmException, InterruptedException {
        Skopeo.program().require();
        StoreDiskMaker.check();
        space.check();
        PrivateDirectories.require(catalogue.store());
        try {
            try (WorkDirectory work = begin()) {
                Optional<Path> registriesConf = RegistriesConf.named(environment);
                Skopeo skopeo = new Skopeo(
                        options,
                        registriesConf,
                        work.tag(),
                        work.path(),
                        catalogue.store(),
                        space,
                        CredentialFiles.of(environment, options.authFile(), registriesConf));
                Room room = new Room(work.path(), catalogue.store(), label, bounds);
                Optional<FcvmException> full = room.full();
                if (full.isPresent()) {
                    throw full.get();
                }
                skopeo.check();
                Publisher publisher = new Publisher(catalogue, locks, space);
                return job.run(new Puller(catalogue, locks, publisher, skopeo, work, space, bounds, room, progress));
            } finally {
                progress.finished();
                tidy();
            }
        } catch (IOException e) {
            throw failure("get", label, catalogue, e);
        }
    }

    private WorkDirectory begin() throws IOException, InterruptedException {
        try (LockFile _ = locks.works()) {
            WorkDirectory.sweep(parent, space);
            return WorkDirectory.create(parent, space);
        }
    }

    /** Removes what killed runs left. */
    void sweep() throws FcvmException, InterruptedException {
        try (LockFile _ = locks.works()) {
            WorkDirectory.sweep(parent, space);
            WorkDirectory.removeIfEmpty(parent);
        } catch (IOException e) {
            throw failure("sweep", parent.toString(), catalogue, e);
        }
    }

    private void tidy() throws IOException {
        try (LockFile _ = locks.works()) {
            WorkDirectory.removeIfEmpty(parent);
        } catch (InterruptedException e) {
            // The next run does it; this one is to end.
            Thread.currentThread().interrupt();
        }
    }

    static FcvmException failure(String what, String label, Catalogue catalogue, IOException e) {
        String reason = String.valueOf(e.getMessage());
        return new FcvmException(
                Kind.HOST,
                reason.contains("No space left")
                        ? "cannot %s %s: there is no space left in %s: make room, or set FCVM_DATA_DIR"
                                .formatted(what, label, catalogue.store())
                        : "cannot %s %s: %s: check the directory %s"
                                .formatted(what, label, QualifiedName.printable(reason), catalogue.store()),
                e);
    }
}
