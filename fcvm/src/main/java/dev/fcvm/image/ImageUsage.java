package dev.fcvm.image;

import dev.fcvm.error.FcvmException;

/** Knows which images machines need. Asked under the store's lock, when it is settled that no lease is taken meanwhile. */
@FunctionalInterface
public interface ImageUsage {

    /** Returns whether a machine needs this image. */
    boolean includes(ImageRecord image) throws FcvmException, InterruptedException;
}
