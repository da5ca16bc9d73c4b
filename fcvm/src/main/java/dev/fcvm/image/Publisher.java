package dev.fcvm.image;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.AtomicFiles;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Changes what the store holds, under its lock.
 *
 * @param catalogue the store's content
 * @param locks the store's locks
 * @param space for what is to be removed
 */
record Publisher(Catalogue catalogue, StoreLocks locks, UnpackSpace space) {

    /** Puts a finished directory with a disk into the store. */
    void publish(Path fresh, ImageRecord image) throws IOException, InterruptedException, FcvmException {
        AtomicFiles.write(
                fresh.resolve(Catalogue.DOCUMENT),
                Jsonb.instance().type(ImageRecord.class).toJson(image));
        Path target = catalogue.directory(image.id());
        try (StoreLocks.Held _ = locks.catalogue()) {
            if (Files.exists(target)) {
                // Somebody took its disk away by hand.
                WorkDirectory.delete(target, space);
            }
            AtomicFiles.move(fresh, target);
        }
    }

    /** Gives an image more names. */
    void name(List<QualifiedName> names, String id) throws IOException, InterruptedException {
        try (StoreLocks.Held _ = locks.catalogue()) {
            for (QualifiedName name : names) {
                catalogue.name(name, id);
            }
        }
    }

    /** Remembers which image a file held. */
    void remember(String key, String id) throws IOException, InterruptedException {
        try (StoreLocks.Held _ = locks.catalogue()) {
            catalogue.remember(key, id);
        }
    }
}
