package dev.fcvm.image.bounds;

import dev.fcvm.settings.DataSize;

/**
 * What an image may take at most, whatever it says of itself.
 *
 * @param floor what stays free of the disk that the store is on
 * @param mostBytes fetched, and unpacked
 * @param mostFiles files, directories and links
 */
public record ImageBounds(DataSize floor, DataSize mostBytes, long mostFiles) {

    /** Unpacked this much, an image is believed whatever it was packed in. */
    static final long SMALL = 8L << 30;

    /** What packs better than this many times is no image but zeros. */
    static final long BEST_RATIO = 100;

    /** Returns how many bytes may be unpacked from so many. */
    public long unpacked(long fetched) {
        long byRatio = fetched > Long.MAX_VALUE / BEST_RATIO ? Long.MAX_VALUE : fetched * BEST_RATIO;
        return Math.min(mostBytes.bytes(), Math.max(SMALL, byRatio));
    }
}
