package dev.fcvm.image;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.AtomicFiles;
import dev.fcvm.host.PrivateDirectories;
import dev.fcvm.host.Tool;
import dev.fcvm.image.bounds.ImageBounds;
import dev.fcvm.image.bounds.Room;
import dev.fcvm.image.bounds.Watched;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import io.avaje.jsonb.Types;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Makes the store disk of a fetched image: skopeo unpacks it into an empty containers-storage directory, and mke2fs
 * writes that into an ext4 file system.
 *
 * @param work where it is made
 * @param space in which it is unpacked
 * @param label the image as the user knows it
 * @param bounds what an image may take
 * @param room what there is for it
 */
record StoreDiskMaker(WorkDirectory work, UnpackSpace space, String label, ImageBounds bounds, Room room) {

    /**
     * The size every store disk has for the guest, in bytes, so that a restored machine can be given another image's
     * disk. The file is sparse, and the file system in it as large as its content needs.
     */
    static final long VIRTUAL_SIZE = 64L << 30;

    private static final Duration UNPACKING = Duration.ofHours(2);
    private static final int BLOCK = 4096;
    private static final long MARGIN = 64L << 20;
    private static final int LARGEST_LIST = 256 << 20;

    /** Checks that its tools are installed. */
    static void check() throws FcvmException {
        mke2fs().require();
        debugfs().require();
        getfattr().require();
    }

    private static Tool mke2fs() {
        return Tool.named("mke2fs", "e2fsprogs").within(UNPACKING);
    }

    private static Tool debugfs() {
        return Tool.named("debugfs", "e2fsprogs").within(UNPACKING);
    }

    private static Tool getfattr() {
        return Tool.named("getfattr", "attr").within(UNPACKING).keeping(64 << 20);
    }

    /** Returns a layer as containers-storage lists it. */
    @Json
    record StoredLayer(@Json.Property("diff-size") long size) {}

    /** Unpacks a {@code dir:} of skopeo's, which it removes to save room. Returns the size of the unpacked layers. */
    long unpack(Path fetched, String id) throws FcvmException, IOException, InterruptedException {
        Path store = Files.createDirectories(work.resolve("store"));
        Path configuration = work.resolve("storage.conf");
        // A configuration of our own: the host's may name stores whose layers would then be missing from the disk.
        Files.writeString(configuration, """
                [storage]
                driver = "overlay"
                graphroot = %s
                runroot = %s
                """.formatted(quoted(store), quoted(work.resolve("run"))));
        String temporary = work.resolve("tmp").toString();
        long mostBytes = bounds.unpacked(Fetch.size(fetched));
        Tool copy = Skopeo.program()
                .with(
                        "--tmpdir",
                        temporary,
                        "--insecure-policy",
                        "copy",
                        "--quiet",
                        "dir:" + fetched,
                        "containers-storage:@" + id)
                .within(UNPACKING)
                .withVariable("CONTAINERS_STORAGE_CONF", configuration.toString())
                .withVariable("TMPDIR", temporary)
                // We have made the namespaces already; without this an ordinary user is taken for real root.
                .withVariable("_CONTAINERS_USERNS_CONFIGURED", "done");
        watched(mostBytes, store, () -> {
            Tool.Result result = inSpace(copy);
            if (!result.succeeded()) {
                space.explain(result);
                throw unpackFailure(result);
            }
        });
        WorkDirectory.delete(fetched, space);
        Path list = store.resolve("overlay-layers/layers.json");
        if (!Files.exists(list)) {
            return 0; // an image may have no layer at all, and then there is no list of them
        }
        List<StoredLayer> layers = Jsonb.instance()
                .<List<StoredLayer>>type(Types.listOf(StoredLayer.class))
                .fromJson(new String(StrangersFile.read(list, LARGEST_LIST), StandardCharsets.UTF_8));
        return layers.stream().mapToLong(StoredLayer::size).sum();
    }

    private void watched(long mostBytes, Path store, Watched.Job job)
            throws FcvmException, IOException, InterruptedException {
        Watched.Judge judge = () -> {
            Optional<FcvmException> full = room.full();
            return full.isPresent()
                    ? full
                    : room.overfilled(
                            mostBytes, () -> measure("--block-size=1", store), () -> measure("--inodes", store));
        };
        Watched.run(judge, job);
    }

    private FcvmException unpackFailure(Tool.Result result) {
        String words = SkopeoFailure.words(result);
        if (words.toLowerCase(Locale.ROOT).contains("overlay") && words.contains("not supported")) {
            return new FcvmException(
                    Kind.HOST,
                    "cannot unpack %s in %s, whose file system cannot hold layers (%s): set FCVM_DATA_DIR to a directory on ext4 or xfs"
                            .formatted(label, work.store(), words));
        }
        return SkopeoFailure.of(label, Optional.empty(), result, work.store().toString());
    }

    /** Writes the unpacked store into a disk. */
    void write(Path disk, String id) throws FcvmException, IOException, InterruptedException {
        Path store = work.resolve("store");
        long bytes = measure("--block-size=1", store);
        long apparent = measure("--apparent-size --block-size=1", store);
        long inodes = measure("--inodes", store);
        if (inodes > bounds.mostFiles()) {
            throw room.tooMany().orElseThrow();
        }
        long content = Math.max(bytes, apparent + inodes * BLOCK);
        long size = (content + content / 4 + inodes * 512 + MARGIN) / BLOCK;
        long left = room.left();
        if (left < bytes) {
            throw noSpace("it needs another %d MiB, and there is space for %d MiB (FCVM_DISK_FLOOR stays free)"
                    .formatted((bytes >> 20) + 1, left >> 20));
        }
        if (apparent > bounds.mostBytes().bytes()) {
            throw room.tooLarge(bounds.mostBytes().bytes()).orElseThrow();
        }
        if (size * BLOCK > VIRTUAL_SIZE) {
            throw new FcvmException(
                    Kind.IMAGE,
                    "cannot make a disk of %s: it is larger than %d GiB: use a smaller image"
                            .formatted(label, VIRTUAL_SIZE >> 30));
        }
        String uuid = id.replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{12}).*", "$1-$2-$3-$4-$5");
        // Made where the tools may write, and taken out of there when they have ended.
        Path made = Files.createDirectories(work.resolve("made")).resolve(disk.getFileName());
        Tool.Result result = inSpace(mke2fs().with(
                        "-q", "-F", "-t", "ext4", "-b", Integer.toString(BLOCK), "-m", "0", "-O", "^has_journal")
                .with("-E", "lazy_itable_init=1,nodiscard,hash_seed=" + uuid, "-U", uuid, "-L", "fcvm-store")
                .with("-N", Long.toString(inodes + 64), "-d", store.toString(), made.toString(), Long.toString(size)));
        if (!result.succeeded()) {
            space.explain(result);
            String words = result.lastWords();
            if (words.contains("No space left")) {
                throw noSpace("there is no space left");
            }
            throw new FcvmException(Kind.HOST, "cannot make a disk of %s: mke2fs: %s".formatted(label, words));
        }
        mendOpaqueDirectories(store, made);
        StrangersFile.require(made);
        AtomicFiles.move(made, disk);
        Files.setAttribute(disk, "unix:uid", PrivateDirectories.currentUser(), LinkOption.NOFOLLOW_LINKS);
        try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
            file.setLength(VIRTUAL_SIZE);
            file.getFD().sync();
        }
        Files.setPosixFilePermissions(disk, PosixFilePermissions.fromString("r--r--r--"));
    }

    /**
     * Unpacked in a user namespace, directories that hide those below them are marked for that namespace only, and the
     * guest's root would see the files below again: marks them for it too.
     */
    private void mendOpaqueDirectories(Path store, Path disk) throws FcvmException, IOException, InterruptedException {
        // Names are bytes, which a tool's output read as text would change.
        Path list = work.resolve("made").resolve("opaque");
        Path reader = getfattr().require();
        Tool writing = Tool.named("sh", "dash")
                .within(UNPACKING)
                .with("-c", "list=$1; shift; exec \"$@\" >\"$list\"", "sh", list.toString())
                .with(reader.toString(), "--absolute-names", "--no-dereference", "--physical", "-R")
                .with(
                        "-m",
                        "^user\\.overlay\\.opaque$",
                        store.resolve("overlay").toString());
        Tool.Result marked = inSpace(writing, Optional.of(reader));
        if (!marked.succeeded()) {
            space.explain(marked);
            throw new FcvmException(
                    Kind.HOST, "cannot make a disk of %s: getfattr: %s".formatted(label, marked.lastWords()));
        }
        OpaqueDirectories directories = OpaqueDirectories.of(StrangersFile.read(list, LARGEST_LIST), store.toString());
        if (!directories.lines().isEmpty()) {
            Path script = Files.write(work.resolve("debugfs"), directories.lines(), StandardCharsets.ISO_8859_1);
            mend(debugfs().with("-w", "-f", script.toString(), disk.toString()));
        }
        if (!directories.requests().isEmpty()) {
            Path requests = work.resolve("requests");
            Files.writeString(requests, directories.requests(), StandardCharsets.ISO_8859_1);
            mend(Tool.named("xargs", "findutils")
                    .within(UNPACKING)
                    .with("-0", "-n", "1", "-a", requests.toString())
                    .with(debugfs().require().toString(), "-w", disk.toString(), "-R"));
        }
    }

    private void mend(Tool tool) throws FcvmException, InterruptedException {
        // debugfs tells of a failed command on standard error only, and ends with 0.
        Tool.Result result = inSpace(tool, Optional.of(debugfs().require()));
        boolean complained = result.errors().lines().anyMatch(line -> !line.startsWith("debugfs "));
        if (!result.succeeded() || complained) {
            throw new FcvmException(
                    Kind.HOST, "cannot make a disk of %s: debugfs: %s".formatted(label, result.lastWords()));
        }
    }

    private long measure(String flags, Path store) throws FcvmException, InterruptedException {
        Tool.Result result = inSpace(Tool.named("du", "coreutils")
                .within(UNPACKING)
                .with("-s")
                .with(List.of(flags.split(" ")))
                .with("--", store.toString()));
        String digits = result.output().split("\\s", 2)[0];
        if (!result.succeeded() || !digits.matches("[0-9]{1,18}")) {
            space.explain(result);
            throw new FcvmException(Kind.HOST, "cannot make a disk of %s: du: %s".formatted(label, result.lastWords()));
        }
        return Long.parseLong(digits);
    }

    private Tool.Result inSpace(Tool tool) throws FcvmException, InterruptedException {
        return inSpace(tool, Optional.empty());
    }

    private Tool.Result inSpace(Tool tool, Optional<Path> starting) throws FcvmException, InterruptedException {
        return space.enter(tool, work.path(), starting)
                .withVariable(work.tag().variable(), work.tag().value())
                .run();
    }

    private FcvmException noSpace(String why) {
        return new FcvmException(
                Kind.HOST,
                "cannot make a disk of %s: %s in %s: make room, or set FCVM_DATA_DIR to where there is space"
                        .formatted(label, why, work.store()));
    }

    private static String quoted(Path path) {
        return "\"" + path.toString().replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
