package dev.fcvm.image;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.Tool;
import dev.fcvm.image.ImageReference.InFile;
import dev.fcvm.image.QualifiedName.Unqualified;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import io.avaje.jsonb.Types;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The names an image in a file brings along, under which it is then in the store, as after Podman's load. */
final class ArchiveNames {

    private static final Duration LOOKING = Duration.ofMinutes(10);
    private static final int LARGEST = 4 << 20;
    private static final int MOST = 1000;
    private static final String REF_NAME = "org.opencontainers.image.ref.name";

    private ArchiveNames() {}

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

    /** Returns its full names; none when it brings none that is one. */
    static List<QualifiedName> of(InFile reference, Reader reader) throws InterruptedException, FcvmException {
        return switch (reference.transport()) {
            case DIR -> List.of();
            case OCI -> local(reference.inner());
            case OCI_ARCHIVE ->
                reference.inner().isEmpty()
                        ? annotated(member(reference, reader, "index.json"))
                        : local(reference.inner());
            case DOCKER_ARCHIVE ->
                reference.inner().isEmpty() || reference.inner().startsWith("@")
                        ? tagged(member(reference, reader, "manifest.json"))
                        : docker(reference.inner());
        };
    }

    /** Says where a tool runs that reads the archive. */
    @FunctionalInterface
    interface Reader {
        Tool confined(Tool tool) throws FcvmException;
    }

    /** Returns the manifest of an OCI archive's only image, where it can be read without unpacking the archive. */
    static Optional<RawManifest> manifest(InFile reference, Reader reader) throws FcvmException, InterruptedException {
        try {
            List<RawManifest.Descriptor> all = StrangersJson.read(
                            Jsonb.instance().type(RawManifest.class), member(reference, reader, "index.json"))
                    .manifests();
            if (all == null || all.size() != 1) {
                return Optional.empty();
            }
            String blob = "blobs/" + all.getFirst().digest().replace(':', '/');
            return Optional.of(
                    StrangersJson.read(Jsonb.instance().type(RawManifest.class), member(reference, reader, blob)));
        } catch (StrangersJson.MalformedException e) {
            return Optional.empty(); // skopeo has better words for what is wrong with it
        }
    }

    private static String member(InFile reference, Reader reader, String name)
            throws FcvmException, InterruptedException {
        // tar knows how the archive is compressed, and complains about whichever of the two is not there.
        return reader.confined(Tool.named("tar", "tar")
                        .with("-xOf", reference.path().toString(), name, "./" + name)
                        .within(LOOKING)
                        .keeping(LARGEST))
                .run()
                .output();
    }

    static List<QualifiedName> annotated(String json) {
        List<QualifiedName> names = new ArrayList<>();
        try {
            List<RawManifest.Descriptor> all = StrangersJson.read(
                            Jsonb.instance().type(RawManifest.class), json)
                    .manifests();
            if (all != null && all.size() == 1) {
                Map<String, @Nullable String> annotations = all.getFirst().annotations();
                names.addAll(
                        local(annotations == null ? "" : Objects.requireNonNullElse(annotations.get(REF_NAME), "")));
            }
        } catch (StrangersJson.MalformedException e) {
            return List.of(); // skopeo has read it, so it has an image; it has no name we can read
        }
        return names;
    }

    static List<QualifiedName> tagged(String json) {
        List<QualifiedName> names = new ArrayList<>();
        try {
            List<DockerEntry> entries =
                    StrangersJson.read(Jsonb.instance().<List<DockerEntry>>type(Types.listOf(DockerEntry.class)), json);
            // A list of nothing but null is none.
            List<DockerEntry> all = entries.stream().filter(Objects::nonNull).toList();
            if (all.size() == 1) {
                all.getFirst().tags().stream().limit(MOST).forEach(tag -> names.addAll(docker(tag)));
            }
        } catch (StrangersJson.MalformedException e) {
            return List.of(); // as above
        }
        return names;
    }

    /** A name without a registry in an archive is one of this host's. */
    static List<QualifiedName> local(String name) {
        try {
            if (name.isEmpty()) {
                return List.of();
            }
            Unqualified parts = Unqualified.split(name);
            int slash = parts.path().indexOf('/');
            boolean full = slash > 0 && QualifiedName.isRegistry(parts.path().substring(0, slash));
            QualifiedName named = full ? QualifiedName.parse(name) : QualifiedName.in("localhost", parts);
            return List.of(named.withDefaultTag());
        } catch (FcvmException e) {
            return List.of(); // an annotation may be anything
        }
    }

    /** A name without a registry in a docker archive or in another engine's store is Docker Hub's. */
    static List<QualifiedName> docker(String name) {
        try {
            return List.of(QualifiedName.parse(name).withDefaultTag());
        } catch (FcvmException e) {
            return List.of(); // the archive may say anything
        }
    }
}
