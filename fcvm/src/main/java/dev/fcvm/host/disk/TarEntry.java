package dev.fcvm.host.disk;

import java.util.List;

/**
 * A file as an archive has it.
 *
 * @param path without a slash in front or behind; nothing for the root
 * @param meta all about it; without a type when it is a further name of a file
 * @param link what a link leads to, or the path of the file that has this name too
 * @param size of the content
 * @param data where the content that is in the archive belongs
 * @param major of a device
 * @param minor of a device
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record TarEntry(byte[] path, FileMeta meta, byte[] link, long size, List<Piece> data, int major, int minor) {

    /** Copies the list. */
    public TarEntry {
        data = List.copyOf(data);
    }

    /** Bytes of a file; what is between two of them is a hole. */
    public record Piece(long offset, long length) {}

    /** Whether it is a further name of a file. */
    public boolean isName() {
        return meta.mode() == 0;
    }

    public int kind() {
        return meta.mode() & FileMeta.TYPE;
    }
}
