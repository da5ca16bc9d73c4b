package dev.fcvm.image;

import dev.fcvm.error.FcvmException;
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

    /** The most layers the kernel's overlay takes from containers-storage; more could be unpacked but never mounted. */
    static final int MOST_LAYERS = 500;

    /** Says that an image has too many. */
    static FcvmException tooManyLayers(String label, String howMany) {
        return new FcvmException(
                FcvmException.Kind.IMAGE,
                "cannot get %s: it has %s layers, and no more than %d can be mounted: build it with fewer"
                        .formatted(label, howMany, MOST_LAYERS));
    }

    RawManifest {
        manifests = manifests == null ? null : List.copyOf(manifests);
        layers = layers == null ? null : List.copyOf(layers);
    }

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
                .map(RawPlatform::words)
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
        long sum = config == null ? 0 : config.size();
        for (Descriptor layer : layers == null ? List.<Descriptor>of() : layers) {
            long more = sum + layer.size();
            sum = more < sum ? Long.MAX_VALUE : more;
        }
        return sum;
    }

    /** Returns how many layers it has. */
    int layerCount() {
        return layers == null ? 0 : layers.size();
    }

    /**
     * A pointer to a blob or a manifest. Its digest becomes part of file names and of names of images.
     *
     * @param digest an algorithm and its hexadecimal digits
     * @param size in bytes
     * @param platform what it is for, in an index
     * @param annotations what its maker says of it
     */
    @Json
    record Descriptor(
            String digest,
            long size,
            @Nullable RawPlatform platform,
            @Nullable Map<String, @Nullable String> annotations) {
        Descriptor {
            if (!QualifiedName.isDigest(digest) || size < 0) {
                throw new IllegalArgumentException("no descriptor");
            }
        }
    }

    /** What a manifest is for. */
    @Json
    record RawPlatform(
            @Nullable String os,
            @Nullable String architecture,
            @Nullable String variant) {

        private static final int LONGEST = 40;

        boolean suits(Platform wanted) {
            return "linux".equals(os)
                    && architecture != null
                    && new Platform(architecture, variant == null ? "" : variant).suits(wanted);
        }

        /** Returns it for a message: a stranger wrote it. */
        String words() {
            String all = os + "/" + architecture + (variant == null || variant.isEmpty() ? "" : "/" + variant);
            return all.substring(0, Math.min(all.length(), LONGEST)).replaceAll("[^\\w./-]", "?");
        }
    }
}
