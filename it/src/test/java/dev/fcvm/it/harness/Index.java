package dev.fcvm.it.harness;

import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An image for several architectures. */
public final class Index {

    private static final String MEDIA = "application/vnd.oci.image.index.v1+json";

    private Index() {}

    /**
     * Writes an OCI layout with an index into this directory, which is made.
     *
     * @param images by their architecture's name, in the index's order
     */
    public static Path write(Path directory, Map<String, Image> images) {
        List<Object> manifests = new ArrayList<>();
        try {
            for (Map.Entry<String, Image> each : images.entrySet()) {
                Map<String, Object> manifest =
                        new LinkedHashMap<>(each.getValue().writeManifest(directory, each.getKey()));
                manifest.put("platform", Map.of("os", "linux", "architecture", each.getKey()));
                manifests.add(manifest);
            }
            Map<String, Object> index = new LinkedHashMap<>();
            index.put("schemaVersion", 2);
            index.put("mediaType", MEDIA);
            index.put("manifests", manifests);
            byte[] bytes = Jsonb.builder().build().toJson(index).getBytes(StandardCharsets.UTF_8);
            String digest = Captured.digest(bytes);
            Files.write(directory.resolve("blobs/sha256").resolve(digest), bytes);
            Map<String, Object> top = Map.of(
                    "schemaVersion",
                    2,
                    "manifests",
                    List.of(Map.of("mediaType", MEDIA, "digest", "sha256:" + digest, "size", (long) bytes.length)));
            Files.writeString(
                    directory.resolve("index.json"), Jsonb.builder().build().toJson(top));
            Files.writeString(directory.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
