package dev.fcvm.image;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.file.LockFile;
import dev.fcvm.image.Catalogue.NamedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Gives images names, and takes them away.
 *
 * @param catalogue the store's content
 * @param publisher who writes it
 * @param locks the store's locks
 */
record Naming(Catalogue catalogue, Publisher publisher, StoreLocks locks) {

    private static final String LOCALHOST = "localhost/";

    /** Gives an image more names; one that another image has had is its own from then on. */
    void tag(ImageRecord image, List<String> names) throws FcvmException, InterruptedException {
        List<QualifiedName> tags = parse(names);
        try {
            publisher.name(Publisher.Names.of(tags), image.id());
        } catch (IOException e) {
            throw Workshop.failure("name", "image " + image.id(), catalogue, e);
        }
    }

    /** Takes names away from an image; all of them when none is given. */
    void untag(ImageRecord image, List<String> names) throws FcvmException, InterruptedException {
        List<QualifiedName> wanted = parse(names);
        try (LockFile _ = locks.catalogue()) {
            List<QualifiedName> own = catalogue.names().stream()
                    .filter(each -> each.id().equals(image.id()) && !each.pinned())
                    .map(NamedImage::name)
                    .filter(name -> name.tag().isPresent())
                    .toList();
            for (QualifiedName name : wanted) {
                if (!own.contains(name)) {
                    throw new FcvmException(Kind.NOT_FOUND, name + ": tag not known; see fcvm images");
                }
            }
            for (QualifiedName name : wanted.isEmpty() ? own : wanted) {
                catalogue.forget(name);
            }
        } catch (IOException e) {
            throw Workshop.failure("name", "image " + image.id(), catalogue, e);
        }
    }

    private static List<QualifiedName> parse(List<String> names) throws FcvmException {
        List<QualifiedName> parsed = new ArrayList<>();
        for (String name : names) {
            int slash = name.indexOf('/');
            boolean whole = slash > 0 && QualifiedName.isRegistry(name.substring(0, slash));
            QualifiedName qualified =
                    QualifiedName.parse(whole ? name : LOCALHOST + name).withDefaultTag();
            if (qualified.digest().isPresent()) {
                throw QualifiedName.malformed(name, "a tag by digest is not supported");
            }
            parsed.add(qualified);
        }
        return parsed;
    }
}
