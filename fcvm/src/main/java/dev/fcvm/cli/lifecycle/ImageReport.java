package dev.fcvm.cli.lifecycle;

import dev.fcvm.cli.image.ImageStores;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.image.ImageConfig;
import dev.fcvm.image.ImageRecord;
import dev.fcvm.image.ImageReference;
import dev.fcvm.image.ImageStore;
import dev.fcvm.image.ImageSummary;
import dev.fcvm.image.ImageView;
import dev.fcvm.settings.Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that is known of an image, under the names that {@code podman image inspect} gives it. Its layers and their history
 * are not kept: the store has one disk of an image.
 */
final class ImageReport {

    private ImageReport() {}

    /** Returns it; nothing when there is no such image in the store, or this is no image's name. */
    static Optional<Map<String, Object>> find(Settings settings, CommandContext context, String reference)
            throws FcvmException, InterruptedException {
        ImageStore store = ImageStores.open(settings, context);
        ImageRecord image;
        try {
            image = store.inspect(ImageReference.parse(reference, context::path));
        } catch (FcvmException none) {
            if (none.kind() == Kind.NOT_FOUND || none.kind() == Kind.USAGE) {
                return Optional.empty();
            }
            throw none;
        }
        return store.list().stream()
                .filter(summary -> summary.image().id().equals(image.id()))
                .findFirst()
                .map(ImageReport::document);
    }

    private static Map<String, Object> document(ImageSummary summary) {
        ImageView view = ImageView.of(summary);
        ImageConfig config = summary.image().config();
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("Id", view.id());
        document.put("Digest", view.digest());
        document.put("RepoTags", view.repoTags());
        document.put("RepoDigests", view.repoDigests());
        document.put("Parent", "");
        document.put("Created", view.createdAt());
        document.put("Config", config(config));
        document.put("Architecture", view.arch());
        document.put("Os", view.os());
        document.put("Size", view.size());
        document.put("VirtualSize", view.size());
        document.put("Labels", config.labels());
        document.put("User", config.user());
        document.put("NamesHistory", view.names());
        return document;
    }

    private static Map<String, Object> config(ImageConfig config) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("User", config.user());
        document.put("ExposedPorts", set(config.exposedPorts()));
        document.put("Env", config.environment());
        document.put("Entrypoint", config.entrypoint());
        document.put("Cmd", config.command());
        document.put("Volumes", set(config.volumes()));
        document.put("WorkingDir", config.workingDirectory());
        document.put("Labels", config.labels());
        document.put("StopSignal", config.stopSignal());
        return document;
    }

    /** Go's way to write a set. */
    private static Map<String, Object> set(List<String> names) {
        Map<String, Object> set = new LinkedHashMap<>();
        names.forEach(name -> set.put(name, Map.of()));
        return set;
    }
}
