package dev.fcvm.image;

import dev.fcvm.error.FcvmException;
import dev.fcvm.image.ImageReference.InFile;
import dev.fcvm.image.QualifiedName.Unqualified;
import java.util.List;

/** The names an image in a file brings along, under which it is then in the store, as after Podman's load. */
final class ArchiveNames {

    private ArchiveNames() {}

    /** Returns its full names; none when it brings none that is one. */
    static List<QualifiedName> of(InFile reference, ArchiveIndex.Reader reader)
            throws InterruptedException, FcvmException {
        // Of a directory the list may hold what was never meant by this reference: the name given to it counts.
        if (reference.transport() == ImageReference.Transport.OCI) {
            return local(reference.inner());
        }
        return of(ArchiveIndex.of(reference, reader), reference.inner());
    }

    static List<QualifiedName> of(ArchiveIndex index, String inner) {
        List<String> written = index.find(inner)
                .map(ArchiveIndex.Entry::names)
                // One that the list does not know by this name was found by skopeo all the same.
                .orElse(inner.isEmpty() || inner.startsWith("@") ? List.of() : List.of(inner));
        return written.stream().flatMap(name -> local(name).stream()).toList();
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

    /** A name without a registry in another engine's store is Docker Hub's. */
    static List<QualifiedName> docker(String name) {
        try {
            return List.of(QualifiedName.parse(name).withDefaultTag());
        } catch (FcvmException e) {
            return List.of(); // an engine may know it by anything
        }
    }
}
