package dev.fcvm.image;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.json.MalformedJson;
import dev.fcvm.host.json.UntrustedJson;
import dev.fcvm.host.process.Tool;
import dev.fcvm.host.text.RawPaths;
import dev.fcvm.image.ImageReference.InFile;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import io.avaje.jsonb.Types;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The images a file holds, as its list says: {@code manifest.json} of a docker archive, {@code index.json} of the OCI
 * layout. A stranger wrote it.
 *
 * @param images in the list's order
 */
record ArchiveIndex(List<Entry> images) {

    private static final Duration LOOKING = Duration.ofMinutes(10);
    private static final int LARGEST = 4 << 20;
    private static final int MOST = 1000;
    private static final int SHOWN = 10;

    /** What docker buildx, containerd and nerdctl write: the whole name. Podman asks for it first. */
    private static final String IMAGE_NAME = "io.containerd.image.name";
    /** The OCI image specification's: often no more than a tag. */
    private static final String REF_NAME = "org.opencontainers.image.ref.name";

    ArchiveIndex {
        images = List.copyOf(images);
    }

    /**
     * One image.
     *
     * @param reference what stands behind the file's name to mean this one of several; empty where nothing can
     * @param names the names it brings along, as they are written there
     */
    record Entry(String reference, List<String> names) {
        Entry {
            names = List.copyOf(names);
        }
    }

    /** An image in a docker archive. */
    @Json
    record DockerEntry(@Json.Property("RepoTags") @Nullable List<String> repoTags) {
        DockerEntry {
            repoTags = repoTags == null ? null : List.copyOf(repoTags);
        }

        List<String> tags() {
            return repoTags == null ? List.of() : repoTags;
        }
    }

    /** Reads the list of a file; what cannot be read holds no image that is known of. */
    static ArchiveIndex of(InFile reference, Reader reader) throws FcvmException, InterruptedException {
        return switch (reference.transport()) {
            case DIR -> new ArchiveIndex(List.of());
            case OCI -> oci(content(reference.path().resolve("index.json")));
            case OCI_ARCHIVE -> oci(member(reference, reader, "index.json"));
            case DOCKER_ARCHIVE -> docker(member(reference, reader, "manifest.json"));
        };
    }

    private static String content(Path file) {
        try {
            return Files.size(file) > LARGEST ? "" : Files.readString(file);
        } catch (IOException e) {
            return ""; // skopeo says what is wrong with it
        }
    }

    /** Says where a tool runs that reads the archive. */
    @FunctionalInterface
    interface Reader {
        Tool confined(Tool tool) throws FcvmException;
    }

    /** Returns the manifest of an OCI archive's only image, where it can be read without unpacking the archive. */
    static Optional<RawManifest> manifest(InFile reference, Reader reader) throws FcvmException, InterruptedException {
        try {
            List<RawManifest.Descriptor> all = UntrustedJson.read(
                            Jsonb.instance().type(RawManifest.class), member(reference, reader, "index.json"))
                    .manifests();
            if (all == null || all.size() != 1) {
                return Optional.empty();
            }
            String blob = "blobs/" + all.getFirst().digest().replace(':', '/');
            return Optional.of(
                    UntrustedJson.read(Jsonb.instance().type(RawManifest.class), member(reference, reader, blob)));
        } catch (MalformedJson e) {
            return Optional.empty(); // skopeo has better words for what is wrong with it
        }
    }

    private static String member(InFile reference, Reader reader, String name)
            throws FcvmException, InterruptedException {
        // tar knows how the archive is compressed, and complains about whichever of the two is not there.
        return reader.confined(Tool.named("tar", "tar")
                        .with("-xOf", RawPaths.text(reference.path()), name, "./" + name)
                        .within(LOOKING)
                        .keeping(LARGEST))
                .run()
                .output();
    }

    static ArchiveIndex oci(String json) {
        try {
            List<RawManifest.Descriptor> all = UntrustedJson.read(
                            Jsonb.instance().type(RawManifest.class), json)
                    .manifests();
            return new ArchiveIndex((all == null ? List.<RawManifest.Descriptor>of() : all)
                    .stream().map(ArchiveIndex::annotated).toList());
        } catch (MalformedJson e) {
            return new ArchiveIndex(List.of()); // skopeo says what is wrong with it
        }
    }

    private static Entry annotated(RawManifest.Descriptor descriptor) {
        String reference = annotation(descriptor, REF_NAME);
        String whole = annotation(descriptor, IMAGE_NAME);
        String name = whole.isEmpty() ? reference : whole;
        return new Entry(reference, name.isEmpty() ? List.of() : List.of(name));
    }

    private static String annotation(RawManifest.Descriptor descriptor, String key) {
        Map<String, @Nullable String> annotations = descriptor.annotations();
        return annotations == null ? "" : Objects.requireNonNullElse(annotations.get(key), "");
    }

    static ArchiveIndex docker(String json) {
        try {
            List<DockerEntry> entries =
                    UntrustedJson.read(Jsonb.instance().<List<DockerEntry>>type(Types.listOf(DockerEntry.class)), json);
            List<Entry> images = new ArrayList<>();
            // A list of nothing but null is none.
            for (DockerEntry entry : entries.stream().filter(Objects::nonNull).toList()) {
                List<String> tags = entry.tags().stream()
                        .filter(Objects::nonNull)
                        .limit(MOST)
                        .toList();
                images.add(new Entry(tags.isEmpty() ? "@" + images.size() : tags.getFirst(), tags));
            }
            return new ArchiveIndex(images);
        } catch (MalformedJson e) {
            return new ArchiveIndex(List.of()); // skopeo says what is wrong with it
        }
    }

    /** Returns the image that a reference means: the only one, or the one it names. */
    Optional<Entry> find(String inner) {
        if (inner.isEmpty()) {
            return images.size() == 1 ? Optional.of(images.getFirst()) : Optional.empty();
        }
        if (inner.matches("@[0-9]{1,4}")) {
            int number = Integer.parseInt(inner.substring(1));
            return number < images.size() ? Optional.of(images.get(number)) : Optional.empty();
        }
        return images.stream()
                .filter(image ->
                        image.reference().equals(inner) || image.names().contains(inner))
                .findFirst();
    }

    /** Tells, when a reference leaves open which of several images it means, what to write instead. */
    void requireOne(InFile reference) throws FcvmException {
        if (!reference.inner().isEmpty() || images.size() < 2) {
            return;
        }
        var distinct = new HashSet<String>();
        boolean nameable =
                images.stream().allMatch(image -> isShown(image.reference()) && distinct.add(image.reference()));
        if (!nameable) {
            throw new FcvmException(
                    Kind.IMAGE,
                    "cannot get %s: it holds %d images side by side, and names do not tell them apart: write one image, or one index of all platforms, into a file; docker buildx build -o type=oci,dest=FILE does"
                            .formatted(reference.text(), images.size()));
        }
        List<String> choices = images.stream()
                .limit(SHOWN)
                .map(image -> reference.text() + ":" + image.reference())
                .toList();
        throw new FcvmException(
                Kind.IMAGE,
                "cannot get %s: it holds %d images: say which: %s%s"
                        .formatted(
                                reference.text(),
                                images.size(),
                                String.join(" or ", choices),
                                images.size() > SHOWN ? " or another" : ""));
    }

    private static boolean isShown(String name) {
        return name.matches("[\\w@./:-]{1,200}");
    }
}
