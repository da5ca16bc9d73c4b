package dev.fcvm.image;

import dev.fcvm.error.FcvmException;
import dev.fcvm.image.ImageReference.ById;
import dev.fcvm.image.ImageReference.InEngine;
import dev.fcvm.image.ImageReference.InFile;
import dev.fcvm.image.ImageReference.Registry;
import dev.fcvm.image.ImageReference.ShortName;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds what a reference means in the store, without asking anybody else.
 *
 * @param catalogue the store's content
 * @param environment of the process, which says where registries.conf is
 */
record Lookup(Catalogue catalogue, Map<String, String> environment) {

    /**
     * An image and the name by which it was found; none when it was found by its id or its file.
     *
     * @param image the image
     * @param name its name
     */
    record Found(ImageRecord image, Optional<QualifiedName> name) {}

    /** Returns the image a reference means. */
    Optional<Found> find(ImageReference reference, Platform wanted) throws FcvmException {
        return switch (reference) {
            case Registry(String text, QualifiedName name) -> first(List.of(name));
            case ShortName named -> {
                Optional<Found> found = first(configuration().local(named.name()));
                Optional<String> prefix = ImageReference.idPrefix(named);
                yield found.isEmpty() && prefix.isPresent() ? plain(catalogue.byIdPrefix(prefix.get())) : found;
            }
            case ById(String text, String hex) -> plain(catalogue.byId(hex));
            case InFile file -> plain(catalogue.bySource(SourceKey.of(file, wanted)));
            case InEngine engine -> first(ArchiveNames.docker(engine.name()));
        };
    }

    /** Returns what Podman's files say about short names. */
    RegistriesConf configuration() throws FcvmException {
        return RegistriesConf.read(Path.of("/"), environment);
    }

    private Optional<Found> first(List<QualifiedName> names) throws FcvmException {
        for (QualifiedName name : names) {
            Optional<ImageRecord> image = catalogue.byName(name);
            if (image.isPresent()) {
                return Optional.of(new Found(image.get(), Optional.of(name)));
            }
        }
        return Optional.empty();
    }

    private static Optional<Found> plain(Optional<ImageRecord> image) {
        return image.map(found -> new Found(found, Optional.empty()));
    }
}
