package dev.fcvm.image;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.file.AtomicFiles;
import dev.fcvm.host.file.LockFile;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Changes what the store holds, under its lock.
 *
 * @param catalogue the store's content
 * @param locks the store's locks
 * @param space for what is to be removed
 */
record Publisher(Catalogue catalogue, StoreLocks locks, UnpackSpace space) {

    /**
     * What an image is to be called.
     *
     * @param all its names
     * @param asked the one by which it was asked for
     */
    record Names(List<QualifiedName> all, Optional<QualifiedName> asked) {
        static Names of(List<QualifiedName> all) {
            return new Names(all, Optional.empty());
        }
    }

    /** Puts a finished directory with a disk into the store, with its names: a prune finds it with both or not at all. */
    void publish(Path fresh, ImageRecord image, Names names) throws IOException, InterruptedException {
        AtomicFiles.write(
                fresh.resolve(Catalogue.DOCUMENT),
                Jsonb.instance().type(ImageRecord.class).toJson(image));
        Path target = catalogue.directory(image.id());
        try (LockFile _ = locks.catalogue()) {
            if (Files.exists(target)) {
                // Somebody took its disk away by hand.
                WorkDirectory.delete(target, space);
            }
            AtomicFiles.move(fresh, target);
            give(names, image.id());
        }
    }

    /**
     * Gives an image more names.
     *
     * @throws FcvmException when it has been removed meanwhile
     */
    void name(Names names, String id) throws IOException, InterruptedException, FcvmException {
        try (LockFile _ = locks.catalogue()) {
            if (catalogue.byId(id).isEmpty()) {
                throw new FcvmException(
                        Kind.NOT_FOUND, "image %s has just been removed: try again".formatted(id.substring(0, 12)));
            }
            give(names, id);
        }
    }

    private void give(Names names, String id) throws IOException {
        for (QualifiedName name : names.all()) {
            catalogue.name(name, id);
        }
        if (names.asked().isPresent()) {
            catalogue.pin(names.asked().get(), id);
        }
    }

    /** Remembers which image a file held. */
    void remember(String key, String id) throws IOException, InterruptedException {
        try (LockFile _ = locks.catalogue()) {
            catalogue.remember(key, id);
        }
    }
}
