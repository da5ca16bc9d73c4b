package dev.fcvm.volume.archive;

import dev.fcvm.host.file.DiskUse;
import dev.fcvm.host.nodes.FileStatus;
import dev.fcvm.host.nodes.NodeKind;
import dev.fcvm.settings.DataSize;
import dev.fcvm.volume.archive.TarEntries.Found;
import dev.fcvm.volume.ext4.ComposedTree;
import dev.fcvm.volume.ext4.ComposedTree.Entry;
import dev.fcvm.volume.ext4.ImageReader;
import dev.fcvm.volume.ext4.ImageWriter;
import dev.fcvm.volume.ext4.SegmentedContent;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPInputStream;

/** A volume's disk as an archive, and an archive as a volume's disk. Neither mounts it. */
public final class VolumeArchive {

    private static final int BUFFER = 1 << 18;
    private static final long LOOK_BYTES = 16L << 20;
    private static final int USUAL_DIRECTORY = 0755;

    private VolumeArchive() {}

    /** Writes all that is on a disk. */
    public static void write(Path disk, OutputStream to) throws IOException {
        try (ImageReader image = ImageReader.open(disk)) {
            var out = new BufferedOutputStream(to, BUFFER);
            TreeArchive.write(ComposedTree.read(image), out);
            out.flush();
        }
    }

    /**
     * Makes a new disk with what is on one and, above that, what is in an archive.
     *
     * @param disk stays as it is
     * @param made must not be there yet
     * @param from an archive, maybe compressed by gzip
     * @param spool a file for the archive while it is read; must not be there yet, and is the caller's to delete
     * @param floor what must stay free where the disk is
     * @param options of the new disk
     * @throws IOException when it is no archive, leads out of the volume, or there is no room
     */
    public static void read(
            Path disk, Path made, InputStream from, Path spool, DataSize floor, ImageWriter.Options options)
            throws IOException {
        try (FileChannel archive = FileChannel.open(
                        spool,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE));
                ImageReader image = ImageReader.open(disk)) {
            keep(plain(new BufferedInputStream(from, BUFFER)), archive, spool, floor);
            Entry root = ComposedTree.read(image);
            var entries = new TarEntries(archive);
            for (Optional<Found> found = entries.next(); found.isPresent(); found = entries.next()) {
                add(root, found.get(), (into, at) -> fill(archive, into, at));
            }
            ImageWriter.write(made, ComposedTree.of(root), options);
        }
    }

    private static InputStream plain(BufferedInputStream in) throws IOException {
        in.mark(6);
        byte[] magic = in.readNBytes(6);
        in.reset();
        if (magic.length >= 2 && (magic[0] & 0xff) == 0x1f && (magic[1] & 0xff) == 0x8b) {
            return new GZIPInputStream(in, BUFFER);
        }
        boolean compressed = magic.length == 6
                && (((magic[0] & 0xff) == 0xfd && magic[1] == '7' && magic[2] == 'z')
                        || (magic[0] == 'B' && magic[1] == 'Z' && magic[2] == 'h')
                        || ((magic[0] & 0xff) == 0x28 && (magic[1] & 0xff) == 0xb5 && magic[2] == 0x2f));
        if (compressed) {
            throw new IOException("it is compressed, and only gzip is known here; pipe it through xz -dc, bzip2 -dc or"
                    + " zstd -dc");
        }
        return in;
    }

    private static void keep(InputStream in, FileChannel archive, Path spool, DataSize floor) throws IOException {
        byte[] buffer = new byte[BUFFER];
        long written = 0;
        long looked = -LOOK_BYTES;
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            if (written - looked >= LOOK_BYTES) {
                long free = DiskUse.free(spool.toAbsolutePath());
                if (free - LOOK_BYTES < floor.bytes()) {
                    throw new IOException("there is no room for it: " + new DataSize(free) + " are free, of which "
                            + floor + " must stay so (FCVM_DISK_FLOOR)");
                }
                looked = written;
            }
            ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, count);
            while (bytes.hasRemaining()) {
                archive.write(bytes);
            }
            written += count;
        }
    }

    private static void fill(FileChannel archive, ByteBuffer into, long at) throws IOException {
        long from = at;
        while (into.hasRemaining()) {
            int count = archive.read(into, from);
            if (count < 0) {
                throw new IOException("the archive is cut off");
            }
            from += count;
        }
    }

    private static void add(Entry root, Found found, SegmentedContent.Store store) throws IOException {
        List<String> path = names(found.path());
        if (path.isEmpty()) {
            if (found.status().kind() == NodeKind.DIRECTORY) {
                root.describe(entry(found, store));
            }
            return;
        }
        Entry directory = directory(root, path.subList(0, path.size() - 1), found.path());
        String name = path.getLast();
        if (found.further()) {
            directory.children().put(name, existing(root, found));
            return;
        }
        Entry made = entry(found, store);
        Entry there = directory.children().get(name);
        if (there != null && there.isDirectory() && made.isDirectory()) {
            there.describe(made);
        } else {
            directory.children().put(name, made);
        }
    }

    private static Entry entry(Found found, SegmentedContent.Store store) {
        return new Entry(
                found.status(),
                found.status().kind() == NodeKind.LINK ? found.link() : "",
                found.attributes(),
                found.status().kind() == NodeKind.FILE
                        ? Optional.of(new SegmentedContent(found.status(), found.pieces(), store))
                        : Optional.empty());
    }

    /** A path leads nowhere but down: what would lead out is refused, as is what goes through a link. */
    private static List<String> names(String path) throws IOException {
        List<String> names = new ArrayList<>();
        for (String name : path.split("/", -1)) {
            if (name.equals("..")) {
                throw new IOException("it has a path that leads out of the volume: " + path);
            }
            if (!name.isEmpty() && !name.equals(".")) {
                names.add(name);
            }
        }
        return names;
    }

    private static Entry directory(Entry root, List<String> names, String path) throws IOException {
        Entry directory = root;
        for (String name : names) {
            Entry next = directory.children().get(name);
            if (next == null) {
                FileStatus above = root.status();
                next = new Entry(
                        new FileStatus(
                                NodeKind.DIRECTORY,
                                USUAL_DIRECTORY,
                                0,
                                0,
                                0,
                                0,
                                1,
                                0,
                                0,
                                0,
                                0,
                                above.accessed(),
                                above.modified(),
                                above.changed()),
                        "",
                        Map.of(),
                        Optional.empty());
                directory.children().put(name, next);
            }
            if (!next.isDirectory()) {
                throw new IOException("what is above " + path + " is no directory");
            }
            directory = next;
        }
        return directory;
    }

    private static Entry existing(Entry root, Found found) throws IOException {
        List<String> path = names(found.link());
        Entry there = path.isEmpty()
                ? null
                : directory(root, path.subList(0, path.size() - 1), found.link())
                        .children()
                        .get(path.getLast());
        if (there == null || there.isDirectory()) {
            throw new IOException(found.path() + " is another name of a file that is not there: " + found.link());
        }
        return there;
    }
}
