package dev.fcvm.host.disk;

import java.io.IOException;

/** There is more than a disk of this shape can hold. */
public final class DiskFullException extends IOException {

    private static final long serialVersionUID = 1;

    private final boolean ofFiles;

    DiskFullException(String message) {
        this(message, false);
    }

    private DiskFullException(String message, boolean ofFiles) {
        super(message);
        this.ofFiles = ofFiles;
    }

    static DiskFullException tooManyFiles() {
        return new DiskFullException("there are more files than the disk can hold", true);
    }

    /** Returns whether it is the number of files that is too large, not their content. */
    public boolean isOfFiles() {
        return ofFiles;
    }
}
