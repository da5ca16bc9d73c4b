package dev.fcvm.volume.ext4;

import dev.fcvm.host.ext4.Ext4;
import dev.fcvm.host.nodes.FileStatus;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;

/**
 * Content whose pieces lie in another file; what is between them is holes.
 *
 * @param status the file
 * @param pieces in their order, none of which overlaps another
 * @param store where they lie
 */
public record SegmentedContent(FileStatus status, List<Piece> pieces, Store store) implements FileContent {

    public SegmentedContent {
        pieces = List.copyOf(pieces);
    }

    /**
     * A piece.
     *
     * @param from where it is in the file
     * @param length in bytes
     * @param at where it is in the store
     */
    public record Piece(long from, long length, long at) {

        long end() {
            return from + length;
        }
    }

    /** Where pieces lie. */
    public interface Store {
        /** Fills a buffer from its position to its limit. */
        void read(ByteBuffer into, long at) throws IOException;
    }

    /** Returns how many blocks have data. */
    long blocks() {
        long blocks = 0;
        long next = 0;
        for (Piece piece : pieces) {
            long first = Math.max(next, piece.from() / Ext4.BLOCK);
            next = Math.max(first, Geometry.ceil(Math.min(piece.end(), status.size()), Ext4.BLOCK));
            blocks += next - first;
        }
        return blocks;
    }

    @Override
    public OptionalLong dataFrom(long from) {
        for (Piece piece : pieces) {
            if (piece.end() > from) {
                return OptionalLong.of(Math.max(from, piece.from()));
            }
        }
        return OptionalLong.empty();
    }

    @Override
    public long holeFrom(long from) {
        long hole = from;
        for (Piece piece : pieces) {
            if (piece.from() <= hole && piece.end() > hole) {
                hole = piece.end();
            }
        }
        return Math.min(hole, status.size());
    }

    @Override
    public int read(ByteBuffer into, long from) throws IOException {
        int limit = into.limit();
        int begin = into.position();
        long end = Math.min(status.size(), from + into.remaining());
        long at = from;
        for (Piece piece : pieces) {
            if (piece.end() <= at || piece.from() >= end) {
                continue;
            }
            zeros(into, Math.max(0, piece.from() - at));
            at = Math.max(at, piece.from());
            long some = Math.min(piece.end(), end) - at;
            into.limit(into.position() + (int) some);
            store.read(into, piece.at() + at - piece.from());
            into.limit(limit);
            at += some;
        }
        zeros(into, Math.max(0, end - at));
        return into.position() - begin;
    }

    private static void zeros(ByteBuffer into, long count) {
        for (long done = 0; done < count; done++) {
            into.put((byte) 0);
        }
    }

    @Override
    public void close() {
        // The store is its owner's.
    }
}
