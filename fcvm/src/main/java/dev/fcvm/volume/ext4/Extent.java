package dev.fcvm.volume.ext4;

/**
 * A run of blocks of a file.
 *
 * @param logical the first, counted from the file's beginning
 * @param physical where that lies
 * @param length how many there are
 */
record Extent(long logical, long physical, int length) {

    /** The most one may have, where all of it has been written. */
    static final int MOST = 32_768;
}
