package dev.fcvm.host.tree;

import java.io.IOException;
import java.io.Serial;

/** What was asked of a tree was refused, by the tree or by the kernel. */
public final class TreeException extends IOException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final int number;

    /**
     * @param what was refused
     * @param number the error number, errno(3)
     */
    public TreeException(String what, int number) {
        super(what + " is refused with error number " + number);
        this.number = number;
    }

    /** Returns the error number, errno(3). */
    public int number() {
        return number;
    }
}
