package dev.fcvm.volume.block;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.Pending;
import dev.fcvm.host.file.DiskUse;
import dev.fcvm.host.file.PrivateDirectories;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.host.journal.Resource;
import dev.fcvm.host.journal.ResourceKind;
import dev.fcvm.settings.DataSize;
import dev.fcvm.settings.Settings;
import dev.fcvm.volume.AttachedMapping;
import dev.fcvm.volume.IdMap;
import dev.fcvm.volume.Mapping;
import dev.fcvm.volume.MappingMode;
import dev.fcvm.volume.MappingPlace;
import dev.fcvm.volume.SyncMode;
import dev.fcvm.volume.back.Owners;
import dev.fcvm.volume.back.Start;
import dev.fcvm.volume.ext4.ImageWriter;
import dev.fcvm.volume.ext4.SourceTree;
import dev.fcvm.volume.ext4.TooLargeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;

/** Directories as disks. */
public final class BlockMode implements MappingMode {

    private static final long BLOCK = 4096;
    private static final long LEAST = 1L << 30;
    private static final String LABEL = "fcvm-copy";

    /** Goes into the digests of copies: another way to make them makes others of them. */
    private static final String LAYOUT = "1";

    /** Returns how what machines have of it is read back from journals. */
    public static List<ResourceKind> kinds() {
        return List.of(BlockCopy.KIND);
    }

    @Override
    public void check(Mapping.HostDirectory wanted, boolean rootless, Settings settings) throws FcvmException {
        Path source = wanted.source();
        if (!Files.exists(source)) {
            if (wanted.create()) {
                return;
            }
            throw new FcvmException(
                    Kind.NOT_FOUND,
                    "statfs " + source + ": no such file or directory; make it, or add create to have it made");
        }
        if (!Files.isDirectory(source) && !Files.isRegularFile(source)) {
            throw new FcvmException(
                    Kind.USAGE, source + " is neither a directory nor a file, and cannot be mapped as a disk");
        }
        if (!Files.isReadable(source)) {
            throw new FcvmException(Kind.USAGE, source + " cannot be mapped: permission denied");
        }
        Path real = real(source);
        Path state = real(settings.directories().data());
        if (real.startsWith(state) || state.startsWith(real)) {
            throw new FcvmException(
                    Kind.USAGE,
                    source + " cannot be mapped: it " + (real.startsWith(state) ? "lies in" : "holds") + " " + state
                            + ", where fcvm keeps its machines");
        }
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException notThere) {
            return path.toAbsolutePath().normalize();
        }
    }

    @Override
    public AttachedMapping attach(Mapping.HostDirectory wanted, int number, MappingPlace place)
            throws FcvmException, InterruptedException {
        Path source = wanted.source();
        try {
            if (wanted.create() && !Files.exists(source)) {
                Files.createDirectories(source);
            }
            boolean single = Files.isRegularFile(source);
            Path image = image(place, number);
            boolean user = user(wanted, place);
            return wanted.readOnly()
                    ? readOnly(source, single, user, image, place)
                    : writable(wanted, single, user, image, place);
        } catch (TooLargeException tooLarge) {
            throw new FcvmException(
                    Kind.USAGE,
                    source + " is too large for "
                            + wanted.size()
                                    .map(size -> "size=" + size + "; give a larger size")
                                    .orElse("a disk: " + tooLarge.getMessage()),
                    tooLarge);
        } catch (IOException failure) {
            throw new FcvmException(
                    Kind.HOST, "cannot copy " + source + " for the machine: " + IoReason.of(failure), failure);
        }
    }

    private static Path image(MappingPlace place, int number) {
        return place.directory().resolve(MappingPlace.disk(number));
    }

    private static boolean user(Mapping.HostDirectory wanted, MappingPlace place) {
        return wanted.ids().orElse(place.rootless() && !Identity.own().isRoot() ? IdMap.USER : IdMap.HOST)
                == IdMap.USER;
    }

    private static SourceTree tree(Path source, boolean single) throws IOException {
        return single ? SourceTree.file(source) : SourceTree.directory(source);
    }

    private static AttachedMapping readOnly(Path source, boolean single, boolean user, Path image, MappingPlace place)
            throws FcvmException, IOException {
        Files.deleteIfExists(image);
        Identity own = Identity.own();
        String options = LAYOUT + " " + single + " " + (user ? own : "host");
        CopyCache.Maker maker = made -> {
            SourceTree tree = tree(source, single);
            room(tree, place);
            ImageWriter.write(made, tree, options(0, false, user, own));
        };
        TreeDigest.Result digest = TreeDigest.of(source, single, options);
        if (digest.settled()) {
            Path copies = place.settings().directories().copies();
            PrivateDirectories.require(copies);
            new CopyCache(copies, Clock.systemUTC()).provide(digest.value(), image, maker);
        } else {
            maker.make(image);
            Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("r--r--r--"));
        }
        return new BlockMapping(image, true, single, Optional.empty(), false, "", place.journal(), place.warn());
    }

    private static AttachedMapping writable(
            Mapping.HostDirectory wanted, boolean single, boolean user, Path image, MappingPlace place)
            throws FcvmException, IOException, InterruptedException {
        Path source = real(wanted.source());
        Identity own = Identity.own();
        var copy = new BlockCopy(image, source, single, user, place.machine().brief());
        boolean back = wanted.sync() == SyncMode.BACK;
        if (back) {
            // What a run before this one could not bring back.
            place.journal()
                    .releaseAll(held ->
                            held instanceof BlockCopy before && before.image().equals(image));
            place.journal().acquire(copy);
        } else if (Files.exists(image)) {
            return new BlockMapping(
                    image,
                    false,
                    single,
                    Optional.of(copy),
                    false,
                    staying(source, place),
                    place.journal(),
                    place.warn());
        }
        // A copy that is not whole is nobody's: no machine has had it.
        try (Pending half = new Pending(() -> place.journal().release(copy))) {
            Files.deleteIfExists(copy.start());
            Files.deleteIfExists(image);
            SourceTree tree = tree(source, single);
            room(tree, place);
            long size =
                    wanted.size().map(DataSize::bytes).orElse(Math.max(LEAST, 2 * ImageWriter.content(tree) * BLOCK));
            ImageWriter.write(image, tree, options(size, true, user, own));
            Start.of(tree).write(copy.start());
            half.handOver();
        }
        return new BlockMapping(
                image,
                false,
                single,
                Optional.of(copy),
                back,
                back ? "" : staying(source, place),
                place.journal(),
                place.warn());
    }

    /** Says at the end what becomes of the changes. */
    private static String staying(Path source, MappingPlace place) {
        return place.kept()
                ? "what the machine changed in its copy of " + source
                        + " stays in it; to bring it back, run: fcvm volume" + " sync " + place.name()
                : "what the machine changed in its copy of " + source + " is gone with it (sync=none and --rm)";
    }

    /** The host's disk must keep its floor when all content has been copied. */
    private static void room(SourceTree tree, MappingPlace place) throws FcvmException, IOException {
        long needed = tree.nodes().stream()
                .mapToLong(node -> node.status().allocated())
                .sum();
        long free = DiskUse.free(place.directory());
        long floor = place.settings().diskFloor().bytes();
        if (free - floor < needed) {
            throw new FcvmException(
                    Kind.HOST,
                    "the disk of " + place.directory() + " has no room for a copy of " + new DataSize(needed) + ": "
                            + new DataSize(free) + " are free, of which " + new DataSize(floor)
                            + " must stay so (FCVM_DISK_FLOOR); make room, or use another mode");
        }
    }

    private static ImageWriter.Options options(long size, boolean writable, boolean user, Identity own) {
        var owners = new Owners(own.isRoot(), user);
        IntUnaryOperator uids = id -> owners.inside(id, own.user());
        IntUnaryOperator gids = id -> owners.inside(id, own.group());
        byte[] uuid = new byte[16];
        new SecureRandom().nextBytes(uuid);
        return new ImageWriter.Options(size, writable, uuid, LABEL, uids, gids);
    }

    /** Releases the copies of a machine that does not boot after all. */
    public static void release(Journal journal) throws FcvmException {
        journal.releaseAll(BlockCopy.class::isInstance);
    }

    /** Brings back what a machine that has ended changed in its copy. */
    public static void sync(Mapping.HostDirectory wanted, int number, MappingPlace place)
            throws FcvmException, InterruptedException {
        Path source = real(wanted.source());
        var copy = new BlockCopy(
                image(place, number),
                source,
                Files.isRegularFile(source),
                user(wanted, place),
                place.machine().brief());
        copy.takeBack().forEach(place.warn());
        place.journal().strike(copy);
    }

    /** Brings back what is left of copies that a machine that has ended was given while it ran. */
    public static void syncRest(MappingPlace place) throws FcvmException {
        for (Resource held : place.journal().held()) {
            if (held instanceof BlockCopy copy) {
                copy.takeBack().forEach(place.warn());
                place.journal().strike(copy);
            }
        }
    }

    /** Takes a disk that nothing will be brought back from. */
    @FunctionalInterface
    public interface Keeper {

        /**
         * Moves it to where it stays.
         *
         * @param disk with what the machine changed
         * @param source what it is a copy of
         */
        void keep(Path disk, Path source) throws FcvmException, InterruptedException;
    }

    /**
     * Gives up the copies whose changes do not come back, since their machine is to go all the same.
     *
     * @param journal of the machine
     * @param keeper takes those that hold changes
     */
    public static void giveUp(Journal journal, Keeper keeper) throws FcvmException, InterruptedException {
        for (Resource held : journal.held()) {
            if (held instanceof BlockCopy copy) {
                Optional<Path> disk = copy.giveUp();
                if (disk.isPresent()) {
                    keeper.keep(disk.get(), copy.source());
                    copy.remove();
                }
                journal.strike(copy);
            }
        }
    }

    @Override
    public AttachedMapping restore(Mapping.HostDirectory wanted, int number, MappingPlace place) throws FcvmException {
        Path image = image(place, number);
        if (!Files.isRegularFile(image)) {
            throw new FcvmException(
                    Kind.HOST, "the copy of " + wanted.source() + " that was saved with the machine is not there");
        }
        boolean held = place.journal().held().stream()
                .anyMatch(one -> one instanceof BlockCopy copy && copy.image().equals(image));
        if (!held && !wanted.readOnly() && wanted.sync() == SyncMode.BACK) {
            Path source = real(wanted.source());
            boolean single = Files.isRegularFile(source);
            place.journal()
                    .acquire(new BlockCopy(
                            image,
                            source,
                            single,
                            user(wanted, place),
                            place.machine().brief()));
        }
        return adopt(wanted, number, place);
    }

    @Override
    public AttachedMapping adopt(Mapping.HostDirectory wanted, int number, MappingPlace place) {
        Path image = image(place, number);
        Path source = real(wanted.source());
        Optional<BlockCopy> written = place.journal().held().stream()
                .filter(BlockCopy.class::isInstance)
                .map(BlockCopy.class::cast)
                .filter(copy -> copy.image().equals(image))
                .findFirst();
        boolean single = written.map(BlockCopy::single).orElse(Files.isRegularFile(source));
        boolean stays = !wanted.readOnly() && written.isEmpty();
        Optional<BlockCopy> copy = stays
                ? Optional.of(new BlockCopy(
                        image,
                        source,
                        single,
                        user(wanted, place),
                        place.machine().brief()))
                : written;
        return new BlockMapping(
                image,
                wanted.readOnly(),
                single,
                copy,
                written.isPresent(),
                stays ? staying(source, place) : "",
                place.journal(),
                place.warn());
    }
}
