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

/**
 * An image of a test's own making.
 *
 * @param name what it is called in the archive
 * @param config the {@code config} object of its configuration: Env, Entrypoint, Cmd, …
 * @param layers its layers, lowest first
 */
public record Image(String name, Map<String, Object> config, List<Layer> layers) {

    private static final String MEDIA = "application/vnd.oci.image.";

    /** Copies the collections. */
    public Image {
        config = Map.copyOf(config);
        layers = List.copyOf(layers);
    }

    /** Returns the same image under another name with one more layer. */
    public Image with(String otherName, Layer layer) {
        List<Layer> more = new ArrayList<>(layers);
        more.add(layer);
        return new Image(otherName, config, more);
    }

    /** Returns the same layers under another name with another configuration. */
    public Image configured(String otherName, Map<String, Object> otherConfig) {
        return new Image(otherName, otherConfig, layers);
    }

    /** Writes it as an OCI layout into this directory, which is made, and returns the directory. */
    public Path writeLayout(Path directory) {
        try {
            Map<String, Object> entry = writeManifest(directory, architecture());
            entry.put("annotations", Map.of("org.opencontainers.image.ref.name", name));
            Files.write(directory.resolve("index.json"), json(Map.of("schemaVersion", 2, "manifests", List.of(entry))));
            Files.write(directory.resolve("oci-layout"), json(Map.of("imageLayoutVersion", "1.0.0")));
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes its blobs into the layout in this directory, and returns the descriptor of its manifest. */
    Map<String, Object> writeManifest(Path directory, String architecture) {
        try {
            Path blobs = Files.createDirectories(directory.resolve("blobs/sha256"));
            List<Object> descriptors = new ArrayList<>();
            List<String> digests = new ArrayList<>();
            for (Layer layer : layers) {
                Map<String, Object> descriptor = blob(blobs, MEDIA + "layer.v1.tar", layer.tar());
                descriptors.add(descriptor);
                digests.add(String.valueOf(descriptor.get("digest")));
            }
            Map<String, Object> configuration = new LinkedHashMap<>();
            configuration.put("created", "2026-01-01T00:00:00Z");
            configuration.put("architecture", architecture);
            configuration.put("os", "linux");
            configuration.put("config", config);
            configuration.put("rootfs", Map.of("type", "layers", "diff_ids", digests));
            // Without it an image cannot be put into the first form of docker's manifests.
            configuration.put(
                    "history",
                    digests.stream().map(_ -> Map.of("created_by", "fcvm")).toList());
            Map<String, Object> manifest = new LinkedHashMap<>();
            manifest.put("schemaVersion", 2);
            manifest.put("mediaType", MEDIA + "manifest.v1+json");
            manifest.put("config", blob(blobs, MEDIA + "config.v1+json", json(configuration)));
            manifest.put("layers", descriptors);
            return blob(blobs, MEDIA + "manifest.v1+json", json(manifest));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Object> blob(Path blobs, String mediaType, byte[] content) throws IOException {
        String digest = Captured.digest(content);
        Files.write(blobs.resolve(digest), content);
        Map<String, Object> descriptor = new LinkedHashMap<>();
        descriptor.put("mediaType", mediaType);
        descriptor.put("digest", "sha256:" + digest);
        descriptor.put("size", (long) content.length);
        return descriptor;
    }

    private static byte[] json(Map<String, ?> document) {
        return Jsonb.builder().build().toJson(document).getBytes(StandardCharsets.UTF_8);
    }

    /** Returns this machine's architecture by the name that images use. */
    public static String architecture() {
        String arch = System.getProperty("os.arch");
        return arch.equals("aarch64") ? "arm64" : arch;
    }
}
