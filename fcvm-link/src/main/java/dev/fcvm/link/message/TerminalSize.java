package dev.fcvm.link.message;

/**
 * The size of a terminal, in characters; 0 is a size nobody knows.
 *
 * @param columns 0 to 65535
 * @param rows 0 to 65535
 */
public record TerminalSize(int columns, int rows) {

    /** The largest that the kernel can be told (ioctl_tty(2)). */
    static final int MOST = 0xFFFF;

    /** Checks both. */
    public TerminalSize {
        if (columns < 0 || columns > MOST || rows < 0 || rows > MOST) {
            throw new IllegalArgumentException("a terminal of " + columns + " by " + rows + " characters");
        }
    }
}
