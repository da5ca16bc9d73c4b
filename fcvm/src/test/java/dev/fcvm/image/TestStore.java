package dev.fcvm.image;

import dev.fcvm.image.bounds.ImageBounds;
import dev.fcvm.settings.DataSize;
import dev.fcvm.settings.Settings;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Images for tests of the store: real directories and documents, with a few bytes for a disk. */
final class TestStore {

    /** Those of a user who has set none. */
    static final ImageBounds BOUNDS =
            new ImageBounds(new DataSize(0), Settings.LARGEST_IMAGE, Settings.MOST_IMAGE_FILES);

    private TestStore() {}

    static ImageRecord image(int number) {
        return image(number, Platform.host().architecture());
    }

    private static ImageRecord image(int number, String architecture) {
        return new ImageRecord(
                ImageRecord.VERSION,
                "%064x".formatted(number),
                "sha256:%064x".formatted(1000 + number),
                architecture,
                "",
                number,
                number,
                new ImageConfig(List.of(), List.of(), List.of(), "", "", List.of(), List.of(), "", Map.of(), null));
    }

    /** Writes an image as it lies in the store. */
    static ImageRecord put(Catalogue catalogue, int number) throws IOException {
        return put(catalogue, image(number));
    }

    /** The same for another architecture. */
    static ImageRecord put(Catalogue catalogue, int number, String architecture) throws IOException {
        return put(catalogue, image(number, architecture));
    }

    private static ImageRecord put(Catalogue catalogue, ImageRecord image) throws IOException {
        Path directory = Files.createDirectories(catalogue.directory(image.id()));
        Files.writeString(
                directory.resolve(Catalogue.DOCUMENT),
                Jsonb.instance().type(ImageRecord.class).toJson(image));
        Files.writeString(directory.resolve(Catalogue.DISK), "disk");
        return image;
    }

    /** Writes what a finished work directory has. */
    static Path fresh(Path parent) throws IOException {
        Path directory = Files.createDirectories(parent);
        Files.writeString(directory.resolve(Catalogue.DISK), "disk");
        return directory;
    }
}
