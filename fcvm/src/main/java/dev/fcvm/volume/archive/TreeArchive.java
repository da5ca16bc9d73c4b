package dev.fcvm.volume.archive;

import dev.fcvm.host.nodes.FileStatus;
import dev.fcvm.volume.ext4.ComposedTree;
import dev.fcvm.volume.ext4.SegmentedContent;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Writes a tree as an archive, pax(1) with the holes of files as GNU tar 1.0 has them, for {@code tar} and Podman. */
final class TreeArchive {

    private static final int PIECE = 1 << 18;

    private final OutputStream out;
    private final IdentityHashMap<ComposedTree.Entry, String> written = new IdentityHashMap<>();
    private final ByteBuffer piece = ByteBuffer.allocate(PIECE);

    private TreeArchive(OutputStream out) {
        this.out = out;
    }

    /** Writes one, without its own directory above. */
    static void write(ComposedTree.Entry root, OutputStream out) throws IOException {
        var archive = new TreeArchive(out);
        archive.put("./", root);
        // Two empty records are the end.
        out.write(new byte[2 * TarHeader.RECORD]);
    }

    private void put(String path, ComposedTree.Entry entry) throws IOException {
        String known = written.putIfAbsent(entry, path);
        FileStatus status = entry.status();
        if (known != null) {
            new TarHeader(path, '1', status, 0).link(known).write(out);
            return;
        }
        switch (status.kind()) {
            case DIRECTORY -> {
                head(path, '5', entry, 0).write(out);
                for (Map.Entry<String, ComposedTree.Entry> child :
                        entry.children().entrySet()) {
                    String below = path + child.getKey();
                    put(child.getValue().isDirectory() ? below + "/" : below, child.getValue());
                }
            }
            case LINK -> head(path, '2', entry, 0).link(entry.target()).write(out);
            case CHARACTERS -> head(path, '3', entry, 0).write(out);
            case BLOCKS -> head(path, '4', entry, 0).write(out);
            case PIPE -> head(path, '6', entry, 0).write(out);
            case FILE -> file(path, entry);
            case SOCKET -> {
                // Means nothing without its process.
            }
        }
    }

    private static TarHeader head(String path, char type, ComposedTree.Entry entry, long size) {
        return new TarHeader(path, type, entry.status(), size).attributes(entry.attributes());
    }

    private void file(String path, ComposedTree.Entry entry) throws IOException {
        long size = entry.status().size();
        SegmentedContent content =
                entry.content().orElse(new SegmentedContent(entry.status(), List.of(), (_, _) -> {}));
        List<SegmentedContent.Piece> pieces = content.pieces();
        long data = pieces.stream().mapToLong(SegmentedContent.Piece::length).sum();
        if (data == size) {
            head(path, '0', entry, size).write(out);
            copy(content, pieces);
            TarHeader.pad(out, size);
            return;
        }
        byte[] map = map(pieces, size);
        head("GNUSparseFile.0/" + path.substring(path.lastIndexOf('/') + 1), '0', entry, map.length + data)
                .with("GNU.sparse.major", "1")
                .with("GNU.sparse.minor", "0")
                .with("GNU.sparse.name", path)
                .with("GNU.sparse.realsize", Long.toString(size))
                .write(out);
        out.write(map);
        copy(content, pieces);
        TarHeader.pad(out, map.length + data);
    }

    /** Where the data belongs: numbers in lines, filled up to a whole record. */
    private static byte[] map(List<SegmentedContent.Piece> pieces, long size) {
        var text = new StringBuilder();
        boolean endsInHole =
                pieces.isEmpty() || pieces.getLast().from() + pieces.getLast().length() < size;
        text.append(pieces.size() + (endsInHole ? 1 : 0)).append('\n');
        pieces.forEach(
                one -> text.append(one.from()).append('\n').append(one.length()).append('\n'));
        if (endsInHole) {
            text.append(size).append("\n0\n");
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.US_ASCII);
        return Arrays.copyOf(bytes, bytes.length + (-bytes.length & (TarHeader.RECORD - 1)));
    }

    private void copy(SegmentedContent content, List<SegmentedContent.Piece> pieces) throws IOException {
        for (SegmentedContent.Piece one : pieces) {
            for (long done = 0; done < one.length(); ) {
                piece.clear().limit((int) Math.min(PIECE, one.length() - done));
                content.store().read(piece, one.at() + done);
                out.write(piece.array(), 0, piece.limit());
                done += piece.limit();
            }
        }
    }
}
