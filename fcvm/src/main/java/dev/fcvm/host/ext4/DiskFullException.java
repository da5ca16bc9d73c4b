package dev.fcvm.host.ext4;

import java.io.IOException;

/** There is more than a disk of this shape can hold. */
public final class DiskFullException extends IOException {

    private static final long serialVersionUID = 1;

    private final boolean ofFiles;

    /** With what is too much. */
    public DiskFullException(String message) {
        this(message, false);
    }

    private DiskFullException(String message, boolean ofFiles) {
        super(message);
        this.ofFiles = ofFiles;
    }

    /** With the number of files as what is too much. */
    public static DiskFullException tooManyFiles() {
        return new DiskFullException("there are more files than the disk can hold", true);
    }

    /** Returns whether it is the number of files that is too large, not their content. */
    public boolean isOfFiles() {
        return ofFiles;
    }
}
