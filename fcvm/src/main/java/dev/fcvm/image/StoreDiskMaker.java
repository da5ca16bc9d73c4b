package dev.fcvm.image;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.disk.Additions;
import dev.fcvm.host.disk.DiskShape;
import dev.fcvm.host.disk.TreeDisk;
import dev.fcvm.host.ext4.DiskFullException;
import dev.fcvm.host.process.Tool;
import dev.fcvm.image.bounds.ImageBounds;
import dev.fcvm.image.bounds.Room;
import dev.fcvm.image.bounds.Stillness;
import dev.fcvm.image.bounds.Watched;
import dev.fcvm.image.layer.LayerDevices;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import io.avaje.jsonb.Types;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Makes the store disk of a fetched image: skopeo unpacks it into an empty containers-storage directory, and what is
 * there is written into an ext4 file system.
 *
 * @param work where it is made
 * @param space in which it is unpacked
 * @param label the image as the user knows it
 * @param bounds what an image may take
 * @param room what there is for it
 * @param progress hears what cannot be kept
 */
record StoreDiskMaker(
        WorkDirectory work, UnpackSpace space, String label, ImageBounds bounds, Room room, Progress progress) {

    /**
     * The size every store disk has for the guest, in bytes, so that a restored machine can be given another image's
     * disk. The file is sparse, and the file system in it as large as its content needs.
     */
    static final long VIRTUAL_SIZE = 64L << 30;

    private static final Duration UNPACKING = Duration.ofHours(2);

    /** How long unpacking may write nothing, and how seldom that is looked at. */
    private static final Duration STILL = Duration.ofMinutes(10);

    private static final Duration SELDOM = Duration.ofSeconds(30);

    private static final Pattern LAYER = Pattern.compile("[0-9a-f]{64}");
    private static final int LARGEST_LIST = 256 << 20;

    /** Checks that its tools are installed. */
    static void check() throws FcvmException {
        Tool.named("tar", "tar").require();
    }

    /** Returns a layer as containers-storage lists it. */
    @Json
    record StoredLayer(
            String id, @Json.Property("diff-size") long size) {}

    /** Unpacks a {@code dir:} of skopeo's, which it removes to save room. Returns the size of the unpacked layers. */
    long unpack(Path fetched, String id) throws FcvmException, IOException, InterruptedException {
        Files.createDirectories(work.resolve("store"));
        Path store = store();
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
        watched(mostBytes, () -> {
            Tool.Result result = inSpace(copy);
            if (!result.succeeded()) {
                space.explain(result);
                throw unpackFailure(result);
            }
        });
        WorkDirectory.delete(fetched, space);
        return layers(store).stream().mapToLong(StoredLayer::size).sum();
    }

    /**
     * Where the layers are unpacked: a directory that skopeo makes, in one that belongs to the space's root, who can
     * thus remove it.
     */
    private Path store() {
        return work.resolve("store/all");
    }

    private static List<StoredLayer> layers(Path store) throws IOException {
        Path list = store.resolve("overlay-layers/layers.json");
        if (!Files.exists(list)) {
            return List.of(); // an image may have no layer at all, and then there is no list of them
        }
        return Jsonb.instance()
                .<List<StoredLayer>>type(Types.listOf(StoredLayer.class))
                .fromJson(new String(StrangersFile.read(list, LARGEST_LIST), StandardCharsets.UTF_8));
    }

    private void watched(long mostBytes, Watched.Job job) throws FcvmException, IOException, InterruptedException {
        var stillness = new Stillness(
                STILL, SELDOM, System::nanoTime, () -> 31 * measure("--block-size=1") + measure("--inodes"));
        Watched.Judge judge = () -> {
            if (stillness.isTooLong()) {
                return room.still(STILL);
            }
            Optional<FcvmException> full = room.full();
            return full.isPresent()
                    ? full
                    : room.overfilled(mostBytes, () -> measure("--block-size=1"), () -> measure("--inodes"));
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
        Path store = store();
        long bytes = layers(store).stream().mapToLong(StoredLayer::size).sum();
        long left = room.left();
        if (left < bytes) {
            throw noSpace("it needs another %d MiB, and there is space for %d MiB (FCVM_DISK_FLOOR stays free)"
                    .formatted((bytes >> 20) + 1, left >> 20));
        }
        if (bytes > bounds.mostBytes().bytes()) {
            throw room.tooLarge(bounds.mostBytes().bytes()).orElseThrow();
        }
        LayerDevices devices = devices(store);
        String uuid = id.replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{12}).*", "$1-$2-$3-$4-$5");
        // A place for every file there may be: what is not used of it is a hole.
        DiskShape shape =
                new DiskShape(VIRTUAL_SIZE, bounds.mostFiles() + devices.count(), UUID.fromString(uuid), "fcvm-store");
        boolean real = space.makesDevices();
        Additions additions = new Additions(real ? devices.found() : Map.of(), StoreDiskMaker::visibleToTheGuest);
        Tool archiver = TreeDisk.consumer(store).within(UNPACKING);
        Tool.Result result;
        try {
            result = entered(archiver).run(output -> TreeDisk.write(disk, shape, output, additions));
        } catch (DiskFullException e) {
            if (e.isOfFiles()) {
                throw room.tooMany().orElseThrow();
            }
            throw new FcvmException(
                    Kind.IMAGE,
                    "cannot make a disk of %s, which has %d GiB: %s: use a smaller image"
                            .formatted(label, VIRTUAL_SIZE >> 30, e.getMessage()),
                    e);
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).contains("No space left")) {
                throw noSpace("there is no space left");
            }
            throw e;
        }
        if (!result.succeeded()) {
            space.explain(result);
            throw new FcvmException(
                    Kind.HOST, "cannot make a disk of %s: tar: %s".formatted(label, result.lastWords()));
        }
        if (!real && devices.count() > 0) {
            progress.note("device nodes of %s that are left out, as they always are without root: %d"
                    .formatted(label, devices.count()));
        }
        Files.setPosixFilePermissions(disk, PosixFilePermissions.fromString("r--r--r--"));
        try (FileChannel file = FileChannel.open(disk, StandardOpenOption.READ)) {
            file.force(true);
        }
    }

    private LayerDevices devices(Path store) throws IOException {
        var devices = new LayerDevices(bounds.mostFiles());
        for (StoredLayer layer : layers(store)) {
            Path headers = store.resolve("overlay-layers").resolve(layer.id() + ".tar-split.gz");
            if (LAYER.matcher(layer.id()).matches() && Files.exists(headers)) {
                devices.add(StrangersFile.read(headers, LARGEST_LIST), "overlay/" + layer.id() + "/diff");
            }
        }
        return devices;
    }

    /**
     * Unpacked in a user namespace, directories that hide those below them are marked for that namespace only, and the
     * guest's root would see the files below again: marks them for it too.
     */
    private static Map<String, byte[]> visibleToTheGuest(Map<String, byte[]> attributes) {
        byte[] opaque = attributes.get("user.overlay.opaque");
        if (opaque == null) {
            return attributes;
        }
        Map<String, byte[]> all = new HashMap<>(attributes);
        all.put("trusted.overlay.opaque", opaque);
        return all;
    }

    private long measure(String flags) throws FcvmException, InterruptedException {
        Tool.Result result = inSpace(Tool.named("du", "coreutils")
                .within(UNPACKING)
                .with("-s")
                .with(List.of(flags.split(" ")))
                .with("--", work.resolve("store").toString()));
        String digits = result.output().split("\\s", 2)[0];
        if (!result.succeeded() || !digits.matches("[0-9]{1,18}")) {
            space.explain(result);
            throw new FcvmException(Kind.HOST, "cannot make a disk of %s: du: %s".formatted(label, result.lastWords()));
        }
        return Long.parseLong(digits);
    }

    private Tool.Result inSpace(Tool tool) throws FcvmException, InterruptedException {
        return entered(tool).run();
    }

    private Tool entered(Tool tool) throws FcvmException {
        return space.enter(tool, work.path())
                .withVariable(work.tag().variable(), work.tag().value());
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
