package dev.fcvm.image;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.file.AtomicFiles;
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
 * {@code names/docker.io/library/alpine/:3} and {@code …/@sha256:…}. A digest by which somebody has asked for an image,
 * rather than one that came along with a tag, stands there a second time as {@code …/=sha256:…}: such an image is not
 * dangling. A link whose image is gone means nothing.
 *
 * @param store the store's directory
 */
record Catalogue(Path store) {

    private static final char TAG = ':';
    private static final char DIGEST = '@';
    private static final char PINNED = '=';
    private static final String KINDS = "" + TAG + DIGEST + PINNED;

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

    /** Returns the ids of all images. */
    List<String> ids() throws FcvmException {
        try (Stream<Path> entries = Files.exists(store) ? Files.list(store) : Stream.empty()) {
            return entries.map(entry -> entry.getFileName().toString())
                    .filter(name -> ImageReference.Names.ID.matcher(name).matches())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw unreadable(store, e);
        }
    }

    /** Returns every name of every image, in order; pinned ones twice. */
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
     * @param pinned whether this only says that somebody has asked for the image by this digest
     */
    record NamedImage(QualifiedName name, String id, boolean pinned) {}

    private Optional<NamedImage> named(Path names, Path link) {
        try {
            String id = Files.readSymbolicLink(link).getFileName().toString();
            Path repository = names.relativize(link).resolveSibling("");
            String leaf = link.getFileName().toString();
            char kind = leaf.charAt(0);
            if (KINDS.indexOf(kind) < 0 || repository.getNameCount() < 2 || !Files.exists(disk(id))) {
                return Optional.empty();
            }
            Optional<String> value = Optional.of(leaf.substring(1));
            QualifiedName name = new QualifiedName(
                    repository.getName(0).toString(),
                    repository.subpath(1, repository.getNameCount()).toString(),
                    value.filter(_ -> kind == TAG),
                    value.filter(_ -> kind != TAG));
            return Optional.of(new NamedImage(name, id, kind == PINNED));
        } catch (IOException e) {
            return Optional.empty(); // it has just been removed
        }
    }

    /** Makes a name stand for an image, and for no other any more. */
    void name(QualifiedName name, String id) throws IOException {
        pointTo(link(name), id);
    }

    /** Remembers that somebody has asked for an image by its digest. */
    void pin(QualifiedName name, String id) throws IOException {
        if (name.digest().isPresent()) {
            pointTo(repository(name).resolve(PINNED + name.digest().get()), id);
        }
    }

    /** Remembers which image a file held. */
    void remember(String key, String id) throws IOException {
        pointTo(sources().resolve(key), id);
    }

    /** Takes a name away. */
    void forget(QualifiedName name) throws IOException {
        remove(link(name));
    }

    /** Takes away every link to an image, and those that mean nothing: whose image is gone, or that were half made. */
    void forgetAll(String id) throws IOException {
        for (Path top : List.of(store.resolve("names"), sources())) {
            if (!Files.exists(top)) {
                continue;
            }
            try (Stream<Path> links = Files.walk(top)) {
                for (Path link : links.filter(Files::isSymbolicLink).toList()) {
                    boolean own = Files.readSymbolicLink(link).endsWith(id);
                    boolean halfMade = link.getFileName().toString().startsWith(AtomicFiles.TEMPORARY_PREFIX);
                    if (own || halfMade || !Files.exists(link.resolve(DISK))) {
                        remove(link);
                    }
                }
            }
        }
    }

    private void remove(Path link) throws IOException {
        Files.deleteIfExists(link);
        // Directories of names that are no more; the first that still has something in it ends this.
        for (Path directory = Objects.requireNonNull(link.getParent());
                !directory.equals(store) && isEmpty(directory);
                directory = Objects.requireNonNull(directory.getParent())) {
            Files.delete(directory);
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
                .map(digest -> DIGEST + digest)
                .orElseGet(() -> TAG + name.tag().orElse("latest"));
        return repository(name).resolve(leaf);
    }

    private Path repository(QualifiedName name) {
        return store.resolve("names").resolve(name.registry()).resolve(name.repository());
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
