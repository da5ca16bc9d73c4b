package dev.fcvm.image;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.file.AtomicFiles;
import dev.fcvm.host.file.LockFile;
import dev.fcvm.image.Catalogue.NamedImage;
import dev.fcvm.image.Lookup.Found;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Lists and removes images.
 *
 * @param catalogue the store's content
 * @param locks the store's locks
 * @param leases who uses them
 * @param space for what is to be removed
 */
record Removal(Catalogue catalogue, StoreLocks locks, Leases leases, UnpackSpace space) {

    List<ImageSummary> list() throws FcvmException, InterruptedException {
        List<ImageRecord> images = catalogue.all();
        if (images.isEmpty()) {
            return List.of();
        }
        try (LockFile _ = locks.catalogue()) {
            return summaries(images);
        } catch (IOException e) {
            throw Workshop.failure("list", "images", catalogue, e);
        }
    }

    private List<ImageSummary> summaries(List<ImageRecord> images) throws FcvmException, IOException {
        List<NamedImage> names = catalogue.names();
        List<ImageSummary> summaries = new ArrayList<>();
        for (ImageRecord image : images) {
            List<QualifiedName> own = names.stream()
                    .filter(each -> !each.pinned() && each.id().equals(image.id()))
                    .map(NamedImage::name)
                    .toList();
            summaries.add(new ImageSummary(
                    image,
                    own.stream().filter(name -> name.tag().isPresent()).toList(),
                    own.stream().filter(name -> name.digest().isPresent()).toList(),
                    names.stream()
                            .filter(each -> each.pinned() && each.id().equals(image.id()))
                            .map(NamedImage::name)
                            .toList(),
                    leases.count(catalogue.directory(image.id()))));
        }
        summaries.sort(Comparator.comparingLong(
                        (ImageSummary summary) -> summary.image().created())
                .reversed());
        return summaries;
    }

    List<String> remove(Found found, boolean allNames, boolean evenUsed, ImageUsage usage)
            throws FcvmException, InterruptedException {
        String id = found.image().id();
        List<String> done = new ArrayList<>();
        try (LockFile _ = locks.catalogue()) {
            List<QualifiedName> names = catalogue.names().stream()
                    .filter(each -> !each.pinned() && each.id().equals(id))
                    .map(NamedImage::name)
                    .toList();
            List<QualifiedName> tags =
                    names.stream().filter(name -> name.tag().isPresent()).toList();
            Optional<QualifiedName> byTag =
                    found.name().filter(name -> name.digest().isEmpty());
            if (tags.size() > 1 && byTag.isPresent() && !allNames) {
                catalogue.forget(byTag.get());
                return List.of("Untagged: " + byTag.get());
            }
            if (tags.size() > 1 && !allNames) {
                throw new FcvmException(
                        Kind.IN_USE,
                        "image %s has several names (%s): give one of them, or -f for all"
                                .formatted(
                                        brief(id),
                                        String.join(
                                                ", ",
                                                tags.stream()
                                                        .map(QualifiedName::toString)
                                                        .toList())));
            }
            if (!evenUsed) {
                refuseUsed(found.image(), usage);
            }
            removeWhole(id);
            for (QualifiedName name : tags) {
                done.add("Untagged: " + name);
            }
            done.add("Deleted: " + id);
            return done;
        } catch (IOException e) {
            throw Workshop.failure("remove", "image " + brief(id), catalogue, e);
        }
    }

    List<String> prune(boolean all, ImageUsage usage) throws FcvmException, InterruptedException {
        List<String> removed = new ArrayList<>();
        List<ImageRecord> images = catalogue.all();
        if (images.isEmpty()) {
            return removed;
        }
        try (LockFile _ = locks.catalogue()) {
            for (ImageSummary summary : summaries(images)) {
                String id = summary.image().id();
                if ((all || summary.isDangling()) && summary.leases() == 0 && !usage.includes(summary.image())) {
                    removeWhole(id);
                    removed.add(id);
                }
            }
            return removed;
        } catch (IOException e) {
            throw Workshop.failure("prune", "the store", catalogue, e);
        }
    }

    /**
     * A run takes its lease before it writes down its machine, and gives it up after that: whoever counts the leases
     * first and looks at the machines then misses none.
     */
    private void refuseUsed(ImageRecord image, ImageUsage usage)
            throws FcvmException, IOException, InterruptedException {
        if (leases.count(catalogue.directory(image.id())) > 0 || usage.includes(image)) {
            throw new FcvmException(
                    Kind.IN_USE,
                    "image %s is used by a machine or a snapshot: remove it first (fcvm ps -a, fcvm snapshot ls), or give -f"
                            .formatted(brief(image.id())));
        }
    }

    /**
     * Its names go first: a removal that is killed leaves an image without names, never names that come back to life with
     * the image. It is renamed before it is deleted, so that it is there whole or not at all; a machine that has it open
     * keeps it.
     */
    private void removeWhole(String id) throws IOException, InterruptedException {
        try (LockFile _ = locks.works()) {
            Path parent = Files.createDirectories(catalogue.store().resolve("partial"));
            Path grave = parent.resolve("removed-" + MachineId.random().brief());
            catalogue.forgetAll(id);
            AtomicFiles.move(catalogue.directory(id), grave);
            WorkDirectory.delete(grave, space);
            WorkDirectory.removeIfEmpty(parent);
        }
    }

    private static String brief(String id) {
        return id.substring(0, 12);
    }
}
