package dev.fcvm.image;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.AtomicFiles;
import dev.fcvm.host.MachineId;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What is in the store. An image is a directory named by its id, with its disk and {@code image.json}, there whole or
 * not at all. A name is a symbolic link to that directory, so that finding an image by its name is reading one file:
 * {@code names/docker.io/library/alpine/:3} and {@code …/@sha256:…}. A link whose image is gone means nothing.
 *
 * @param store the store's directory
 */
record Catalogue(Path store) {

    static final String DISK = "disk.ext4";
    static final String DOCUMENT = "image.json";

    /** Returns the image of this name. */
    Optional<ImageRecord> byName(QualifiedName name) throws FcvmException {
        return read(link(name));
    }

    /** Returns the image with this id. */
    Optional<ImageRecord> byId(String id) throws FcvmException {
        return read(directory(id));
    }

    /** Returns the image that was made from a file in the state this key stands for. */
    Optional<ImageRecord> bySource(String key) throws FcvmException {
        return read(sources().resolve(key));
    }

    /** Returns the image whose id begins so, unless there are several. */
    Optional<ImageRecord> byIdPrefix(String prefix) throws FcvmException {
        List<String> ids = ids().stream().filter(id -> id.startsWith(prefix)).toList();
        if (ids.size() > 1) {
            throw new FcvmException(
                    Kind.NOT_FOUND, "several images' ids begin with %s: give more of it".formatted(prefix));
        }
        return ids.isEmpty() ? Optional.empty() : byId(ids.getFirst());
    }

    /** Returns all images. */
    List<ImageRecord> all() throws FcvmException {
        List<ImageRecord> images = new ArrayList<>();
        for (String id : ids()) {
            byId(id).ifPresent(images::add);
        }
        return images;
    }

    private List<String> ids() throws FcvmException {
        try (Stream<Path> entries = Files.exists(store) ? Files.list(store) : Stream.empty()) {
            return entries.map(entry -> entry.getFileName().toString())
                    .filter(name -> ImageReference.Names.ID.matcher(name).matches())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw unreadable(store, e);
        }
    }

    /** Returns every name of every image, in order. */
    List<NamedImage> names() throws FcvmException {
        Path names = store.resolve("names");
        try (Stream<Path> links = Files.exists(names) ? Files.walk(names) : Stream.empty()) {
            return links.filter(Files::isSymbolicLink)
                    .sorted()
                    .flatMap(link -> named(names, link).stream())
                    .toList();
        } catch (IOException e) {
            throw unreadable(names, e);
        }
    }

    /**
     * A name and the image it stands for.
     *
     * @param name the name
     * @param id the image's
     */
    record NamedImage(QualifiedName name, String id) {}

    private Optional<NamedImage> named(Path names, Path link) {
        try {
            String id = Files.readSymbolicLink(link).getFileName().toString();
            Path repository = Objects.requireNonNull(names.relativize(link).getParent());
            String leaf = link.getFileName().toString();
            QualifiedName name = new QualifiedName(
                    repository.getName(0).toString(),
                    repository.subpath(1, repository.getNameCount()).toString(),
                    leaf.startsWith(":") ? Optional.of(leaf.substring(1)) : Optional.empty(),
                    leaf.startsWith("@") ? Optional.of(leaf.substring(1)) : Optional.empty());
            return Files.exists(disk(id)) ? Optional.of(new NamedImage(name, id)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // it has just been removed
        }
    }

    /** Makes a name stand for an image, and for no other any more. */
    void name(QualifiedName name, String id) throws IOException {
        pointTo(link(name), id);
    }

    /** Remembers which image a file held. */
    void remember(String key, String id) throws IOException {
        pointTo(sources().resolve(key), id);
    }

    /** Takes a name away. */
    void forget(QualifiedName name) throws IOException {
        remove(link(name));
    }

    /** Takes away every link whose image is gone. */
    void removeDangling() throws IOException {
        for (Path top : List.of(store.resolve("names"), sources())) {
            if (!Files.exists(top)) {
                continue;
            }
            try (Stream<Path> links = Files.walk(top)) {
                for (Path link : links.filter(Files::isSymbolicLink).toList()) {
                    if (!Files.exists(link.resolve(DISK))) {
                        remove(link);
                    }
                }
            }
        }
    }

    private static void remove(Path link) throws IOException {
        Files.deleteIfExists(link);
        Path directory = link.getParent();
        // Directories of names that are no more; the first that still has something in it ends this.
        for (int depth = 0; directory != null && depth < 3 && isEmpty(directory); depth++) {
            Files.deleteIfExists(directory);
            directory = directory.getParent();
        }
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.findAny().isEmpty();
        }
    }

    private void pointTo(Path link, String id) throws IOException {
        Path parent = Objects.requireNonNull(link.getParent());
        Files.createDirectories(parent);
        Path target = parent.relativize(directory(id));
        if (Files.isSymbolicLink(link) && Files.readSymbolicLink(link).equals(target)) {
            return;
        }
        Path fresh =
                parent.resolve(AtomicFiles.TEMPORARY_PREFIX + MachineId.random().brief());
        Files.createSymbolicLink(fresh, target);
        AtomicFiles.move(fresh, link);
    }

    private Path link(QualifiedName name) {
        String leaf = name.digest()
                .map(digest -> "@" + digest)
                .orElseGet(() -> ":" + name.tag().orElse("latest"));
        return store.resolve("names")
                .resolve(name.registry())
                .resolve(name.repository())
                .resolve(leaf);
    }

    private Path sources() {
        return store.resolve("sources");
    }

    /** Returns an image's directory. */
    Path directory(String id) {
        return store.resolve(id);
    }

    /** Returns an image's disk. */
    Path disk(String id) {
        return directory(id).resolve(DISK);
    }

    private Optional<ImageRecord> read(Path image) throws FcvmException {
        String text;
        try {
            text = Files.readString(image.resolve(DOCUMENT));
        } catch (FileSystemException e) {
            if (Files.exists(image.resolve(DOCUMENT), LinkOption.NOFOLLOW_LINKS)) {
                throw unreadable(image.resolve(DOCUMENT), e);
            }
            return Optional.empty();
        } catch (IOException e) {
            throw unreadable(image.resolve(DOCUMENT), e);
        }
        ImageRecord found;
        try {
            found = Jsonb.instance().type(ImageRecord.class).fromJson(text);
        } catch (RuntimeException e) {
            throw new FcvmException(
                    Kind.IMAGE,
                    "%s is damaged: remove its directory, and pull the image anew".formatted(image.resolve(DOCUMENT)),
                    e);
        }
        // Somebody may have taken the disk away by hand: then there is no image.
        return Files.exists(disk(found.id())) ? Optional.of(found) : Optional.empty();
    }

    private static FcvmException unreadable(Path file, IOException e) {
        return new FcvmException(
                Kind.HOST, "cannot read %s (%s): check that it belongs to you".formatted(file, e.getMessage()), e);
    }
}
