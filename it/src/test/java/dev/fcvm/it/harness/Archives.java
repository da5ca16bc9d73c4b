package dev.fcvm.it.harness;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The test images as files, written once for all tests. */
public final class Archives implements AutoCloseable {

    private final Place place = Place.make();
    private final Map<String, Path> layouts = new ConcurrentHashMap<>();
    private final Map<String, Path> made = new ConcurrentHashMap<>();

    /** Makes the place; everyone may read it, since ordinary users run these images too. */
    public Archives() {
        Child.of("chmod", "755", place.root().toString()).run().expect(0);
    }

    /** Returns the directory of its OCI layout. */
    public Path layout(Image image) {
        return layouts.computeIfAbsent(
                image.name(), name -> image.writeLayout(place.root().resolve("layout-" + name)));
    }

    /** Returns the image as an {@code oci-archive} file. */
    public Path ociArchive(Image image) {
        Path layout = layout(image);
        return made.computeIfAbsent(image.name() + ".oci.tar", name -> {
            Path file = place.root().resolve(name);
            Child.of("tar", "-C", layout.toString(), "-cf", file.toString(), ".")
                    .run()
                    .expect(0);
            return file;
        });
    }

    /** Returns the image as a {@code docker-archive} file. */
    public Path dockerArchive(Image image) {
        return converted(image, "docker-archive", ".docker.tar");
    }

    /** Returns the image as a {@code dir:} directory. */
    public Path directory(Image image) {
        return converted(image, "dir", ".dir");
    }

    private Path converted(Image image, String transport, String ending) {
        Path archive = ociArchive(image);
        return made.computeIfAbsent(image.name() + ending, name -> {
            Path file = place.root().resolve(name);
            copy("oci-archive:" + archive, transport + ":" + file);
            return file;
        });
    }

    /** Copies an image with skopeo, wherever from and to. */
    public static void copy(String from, String to) {
        Child.of("skopeo", "--insecure-policy", "copy", "-q", "--dest-tls-verify=false", from, to)
                .run()
                .expect(0);
    }

    @Override
    public void close() {
        place.close();
    }
}
