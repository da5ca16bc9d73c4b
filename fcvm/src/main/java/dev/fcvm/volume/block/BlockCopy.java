package dev.fcvm.volume.block;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.journal.Resource;
import dev.fcvm.host.journal.ResourceKind;
import dev.fcvm.volume.MappingPlace;
import dev.fcvm.volume.back.BackReport;
import dev.fcvm.volume.back.Owners;
import dev.fcvm.volume.back.Start;
import dev.fcvm.volume.back.TakeBack;
import dev.fcvm.volume.ext4.ImageReader;
import dev.fcvm.volume.ext4.SourceTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A copy of a directory that a machine may write to, and whose changes come back when it is released.
 *
 * @param image the copy, in the machine's directory
 * @param source what it is a copy of
 * @param single whether that is a single file
 * @param user whether its user is root in the machine
 * @param machine the beginning of the machine's id
 */
record BlockCopy(Path image, Path source, boolean single, boolean user, String machine) implements Resource {

    /** How it is read back from a journal. */
    static final ResourceKind KIND = new ResourceKind(
            "copy",
            fields -> new BlockCopy(
                    fields.path("image"),
                    fields.path("source"),
                    Boolean.parseBoolean(fields.text("single")),
                    Boolean.parseBoolean(fields.text("user")),
                    fields.matching("machine", "[0-9a-f]{12}")));

    /** Returns where it is written down what the directory was when it was copied: until that is there, no machine had it. */
    Path start() {
        return image.resolveSibling(MappingPlace.start(String.valueOf(image.getFileName())));
    }

    @Override
    public String kind() {
        return KIND.name();
    }

    @Override
    public Map<String, String> fields() {
        return Map.of(
                "image",
                image.toString(),
                "source",
                source.toString(),
                "single",
                Boolean.toString(single),
                "user",
                Boolean.toString(user),
                "machine",
                machine);
    }

    @Override
    public boolean outlivesRestart() {
        return true;
    }

    @Override
    public boolean outlivesSuspension() {
        return true;
    }

    /** Brings back what the machine has changed, and removes the copy. */
    @Override
    public void release() throws FcvmException {
        takeBack();
    }

    /** The same, and returns what the user is to be told, a line each. */
    List<String> takeBack() throws FcvmException {
        if (!Files.exists(start()) || !Files.exists(image)) {
            remove();
            return List.of();
        }
        List<String> told = brought(false);
        remove();
        return told;
    }

    /** Brings back what the machine, which stands still, has changed until now, and returns what the user is to be told. */
    List<String> sync() throws FcvmException {
        return Files.exists(start()) && Files.exists(image) ? brought(true) : List.of();
    }

    private List<String> brought(boolean goesOn) throws FcvmException {
        Identity own = Identity.own();
        try (ImageReader reader = ImageReader.open(image)) {
            Start start = Start.read(start());
            var owners = new Owners(own.isRoot(), user);
            BackReport report = single
                    ? TakeBack.single(
                            reader, SourceTree.SINGLE, start, source, machine, owners, own.user(), own.group())
                    : TakeBack.run(reader, start, source, machine, owners, own.user(), own.group());
            if (goesOn) {
                Path next = start().resolveSibling(start().getFileName() + ".next");
                Start now = single
                        ? TakeBack.next(reader, SourceTree.SINGLE, start, source)
                        : TakeBack.next(reader, start, source);
                now.write(next);
                Files.move(next, start(), StandardCopyOption.ATOMIC_MOVE);
            }
            return report.lines();
        } catch (IOException failure) {
            throw new FcvmException(
                    FcvmException.Kind.HOST,
                    "what the machine changed in its copy of " + source + " did not all come back: "
                            + IoReason.of(failure) + "; the copy is kept in " + image
                            + ": mend that, and run: fcvm volume sync " + machine + "; or give it up: fcvm rm -f "
                            + machine,
                    failure);
        }
    }

    /**
     * Gives it up, with all that did not come back.
     *
     * @return its disk, which is the caller's from now on; nothing where nothing is lost without it
     */
    Optional<Path> giveUp() throws FcvmException {
        if (!Files.exists(start()) || !Files.exists(image) || isUnchanged()) {
            remove();
            return Optional.empty();
        }
        return Optional.of(image);
    }

    private boolean isUnchanged() {
        try (ImageReader reader = ImageReader.open(image)) {
            return TakeBack.isEmpty(reader, Start.read(start()));
        } catch (IOException unreadable) {
            return false; // whatever is in it, it is the user's
        }
    }

    void remove() throws FcvmException {
        try {
            Files.deleteIfExists(start());
            Files.deleteIfExists(image);
        } catch (IOException failure) {
            throw new FcvmException(
                    FcvmException.Kind.HOST, "cannot remove " + image + ": " + IoReason.of(failure), failure);
        }
    }
}
