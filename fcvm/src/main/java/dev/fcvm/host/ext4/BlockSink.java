package dev.fcvm.host.ext4;

import java.io.IOException;

/** Takes the blocks of a disk that is being written, one after the other. */
@FunctionalInterface
public interface BlockSink {

    /**
     * Takes the next block that is free.
     *
     * @param bytes what it holds, from the offset on
     * @return its number
     * @throws DiskFullException when there is none
     */
    long append(byte[] bytes, int offset) throws IOException;
}
