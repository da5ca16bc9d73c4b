package dev.fcvm.snapshot;

import dev.fcvm.error.FcvmException;
import dev.fcvm.vmm.VmSnapshot;
import io.avaje.jsonb.Jsonb;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A snapshot as one compressed file, with all that it needs on another host: a zip file whose first entry is an {@link
 * ArchiveHead}, and whose others are the snapshot's files and the image's disk, the large ones as {@link Pieces}.
 */
public final class SnapshotArchive {

    static final String HEAD = "snapshot.json";

    /** The image's disk. */
    static final String IMAGE = "image.ext4";

    private static final List<String> LARGE =
            List.of(VmSnapshot.STATE, Snapshot.SCRATCH, VmSnapshot.MEMORY, Snapshot.ROOTFS, IMAGE);

    private static final int BUFFER = 1 << 16;

    private SnapshotArchive() {}

    /** Returns the large files of a snapshot, in the order they are written and read; those of its mappings come last. */
    static List<String> large(SnapshotManifest manifest) {
        return Stream.concat(LARGE.stream(), Snapshot.mapped(manifest).stream()).toList();
    }

    /**
     * Writes one.
     *
     * @param snapshot one that has been found good
     * @param imageDocument what is known of its image, as JSON
     * @param imageDisk the image's disk
     */
    public static void write(Snapshot snapshot, String imageDocument, Path imageDisk, OutputStream to)
            throws FcvmException {
        try {
            var head = new ArchiveHead(
                    ArchiveHead.VERSION,
                    snapshot.manifest(),
                    ContentDigest.of(snapshot.rootfs()),
                    imageDocument,
                    Files.size(imageDisk),
                    ContentDigest.of(imageDisk));
            Map<String, Path> files = new LinkedHashMap<>();
            for (String name : large(snapshot.manifest())) {
                files.put(
                        name,
                        name.equals(IMAGE) ? imageDisk : snapshot.directory().resolve(name));
            }
            var zip = new ZipOutputStream(new BufferedOutputStream(to, BUFFER), StandardCharsets.UTF_8);
            zip.setLevel(Deflater.BEST_SPEED);
            put(zip, HEAD, Jsonb.instance().type(ArchiveHead.class).toJson(head).getBytes(StandardCharsets.UTF_8));
            put(zip, Snapshot.SPEC, Files.readAllBytes(snapshot.directory().resolve(Snapshot.SPEC)));
            for (Map.Entry<String, Path> file : files.entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                var pieces = new DataOutputStream(new BufferedOutputStream(zip, BUFFER));
                Pieces.write(file.getValue(), pieces);
                pieces.flush();
                zip.closeEntry();
            }
            zip.finish();
            zip.flush();
        } catch (IOException failure) {
            throw SnapshotStore.failed("export the snapshot " + snapshot.name(), failure);
        }
    }

    private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(content);
        zip.closeEntry();
    }
}
