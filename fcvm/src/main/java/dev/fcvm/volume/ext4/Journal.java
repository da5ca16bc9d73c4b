package dev.fcvm.volume.ext4;

/** What a journal of ext4 is made of; its numbers have the other byte order than all else. */
final class Journal {

    static final int MAGIC = 0xC03B3998;
    static final int DESCRIPTOR = 1;
    static final int COMMIT = 2;
    static final int SUPERBLOCK = 4;
    static final int REVOCATION = 5;

    private Journal() {}
}
