package dev.fcvm.snapshot;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.file.DiskUse;
import io.avaje.json.JsonException;
import io.avaje.jsonb.Jsonb;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;

/**
 * Reads what {@link SnapshotArchive} wrote, from whoever it comes: nothing is longer than its head says, nothing has a name
 * of its own, and nothing is used before its checksum is found to be right. Its parts are asked for in their order.
 */
public final class ArchiveReader {

    private static final int LONGEST_TEXT = 1 << 20;
    private static final int BUFFER = 1 << 16;

    private final ZipInputStream zip;
    private final ArchiveHead head;

    private ArchiveReader(ZipInputStream zip, ArchiveHead head) {
        this.zip = zip;
        this.head = head;
    }

    /**
     * Begins to read one.
     *
     * @throws FcvmException when it is none, or of another version
     */
    public static ArchiveReader open(InputStream from) throws FcvmException {
        var zip = new ZipInputStream(new BufferedInputStream(from, BUFFER), StandardCharsets.UTF_8);
        ArchiveHead head;
        try {
            head = Jsonb.instance().type(ArchiveHead.class).fromJson(text(zip, SnapshotArchive.HEAD));
        } catch (IOException | JsonException | NullPointerException | IllegalArgumentException none) {
            throw damaged("it is no snapshot that fcvm snapshot export has written", none);
        }
        if (head.version() != ArchiveHead.VERSION || head.manifest().version() != SnapshotManifest.VERSION) {
            throw damaged(
                    "it was written by another version of fcvm",
                    new IOException("layouts " + head.version() + " and "
                            + head.manifest().version()));
        }
        return new ArchiveReader(zip, head);
    }

    /** Returns what it is. */
    public ArchiveHead head() {
        return head;
    }

    /** Returns what the machine was, as JSON. */
    public String spec() throws FcvmException {
        try {
            return text(zip, Snapshot.SPEC);
        } catch (IOException failure) {
            throw unreadable(failure);
        }
    }

    /**
     * Reads the next of the large files, into one that is there and empty.
     *
     * @param size the length it must have
     * @param digest the checksum it must have
     * @param floor what must stay free of the disk
     */
    void file(String name, Path to, long size, String digest, long floor) throws FcvmException {
        try {
            next(zip, name);
            Pieces.read(new DataInputStream(new BufferedInputStream(zip, BUFFER)), to, size, new Free(to, floor));
            if (!ContentDigest.of(to).equals(digest)) {
                throw new ZipException(name + " is not what was written: its checksum differs");
            }
        } catch (IOException failure) {
            throw unreadable(failure);
        }
    }

    private static String text(ZipInputStream zip, String name) throws IOException {
        next(zip, name);
        byte[] bytes = zip.readNBytes(LONGEST_TEXT + 1);
        if (bytes.length > LONGEST_TEXT) {
            throw new ZipException(name + " is too large");
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static void next(ZipInputStream zip, String name) throws IOException {
        String found;
        try {
            ZipEntry entry = zip.getNextEntry();
            found = entry == null ? "" : entry.getName();
        } catch (IllegalArgumentException damaged) {
            throw new ZipException("a part of it has a name that is none"); // so Java's reader says it
        }
        if (!found.equals(name)) {
            throw new ZipException("it has no " + name + " where that must be");
        }
    }

    /** Looks at the disk now and then: a small file can hold a large one. */
    private static final class Free implements Pieces.Room {

        private static final long EVERY = 64 << 20;

        private final Path file;
        private final long floor;
        private long unlooked = EVERY;

        Free(Path file, long floor) {
            this.file = file;
            this.floor = floor;
        }

        @Override
        public void take(int bytes) throws IOException {
            unlooked += bytes;
            if (unlooked >= EVERY) {
                unlooked = 0;
                if (DiskUse.free(file) < floor + EVERY) {
                    throw new IOException("there is no room for it on this disk");
                }
            }
        }
    }

    private static FcvmException unreadable(IOException failure) {
        return damaged(failure instanceof EOFException ? "it ends too early" : IoReason.of(failure), failure);
    }

    private static FcvmException damaged(String why, Exception cause) {
        return new FcvmException(Kind.HOST, "the file cannot be imported: " + why, cause);
    }
}
