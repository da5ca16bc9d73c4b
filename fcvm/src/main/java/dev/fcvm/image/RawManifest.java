package dev.fcvm.image;

import io.avaje.jsonb.Json;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A manifest or an index of manifests as a registry gives it: the fields that OCI's and docker's second form share.
 *
 * @param schemaVersion 2, or 1 for docker's first form
 * @param manifests an index's manifests
 * @param config a manifest's configuration
 * @param layers a manifest's layers
 */
@Json
record RawManifest(
        int schemaVersion,
        @Nullable List<Descriptor> manifests,
        @Nullable Descriptor config,
        @Nullable List<Descriptor> layers) {

    /** Returns whether this is an index, which leads to manifests for several platforms. */
    boolean isIndex() {
        return manifests != null;
    }

    /** Returns the digest of the manifest for a platform; one without a platform is for any. */
    Optional<String> select(Platform wanted) {
        List<Descriptor> all = manifests == null ? List.of() : manifests;
        return all.stream()
                .filter(each -> each.platform() != null && each.platform().suits(wanted))
                .findFirst()
                .or(() -> all.stream().filter(each -> each.platform() == null).findFirst())
                .map(Descriptor::digest);
    }

    /** Returns the platforms an index has, for a message. */
    List<String> platforms() {
        List<Descriptor> all = manifests == null ? List.of() : manifests;
        return all.stream()
                .map(Descriptor::platform)
                .flatMap(platform -> Optional.ofNullable(platform).stream())
                .filter(platform -> !"unknown".equals(platform.os()))
                .map(RawPlatform::toString)
                .distinct()
                .limit(20)
                .toList();
    }

    /** Returns the image's id: its configuration's digest without the algorithm. */
    Optional<String> imageId() {
        return Optional.ofNullable(config)
                .map(Descriptor::digest)
                .filter(digest -> digest.startsWith("sha256:"))
                .map(digest -> digest.substring("sha256:".length()))
                .filter(hex -> ImageReference.Names.ID.matcher(hex).matches());
    }

    /** Returns how many bytes are fetched for it. */
    long bytes() {
        long sum = config == null ? 0 : Math.max(0, config.size());
        for (Descriptor layer : layers == null ? List.<Descriptor>of() : layers) {
            sum += Math.max(0, layer.size());
        }
        return sum;
    }

    /** A pointer to a blob or a manifest. */
    @Json
    record Descriptor(
            String digest,
            long size,
            @Nullable RawPlatform platform,
            @Nullable Map<String, String> annotations) {}

    /** What a manifest is for. */
    @Json
    record RawPlatform(
            @Nullable String os,
            @Nullable String architecture,
            @Nullable String variant) {
        boolean suits(Platform wanted) {
            return "linux".equals(os)
                    && architecture != null
                    && new Platform(architecture, variant == null ? "" : variant).suits(wanted);
        }

        @Override
        public String toString() {
            return os + "/" + architecture + (variant == null || variant.isEmpty() ? "" : "/" + variant);
        }
    }
}
