package dev.fcvm.link;

/**
 * How large a terminal is, in characters.
 *
 * @param columns its width, from 0 (not known) to 65,535
 * @param rows its height, from 0 (not known) to 65,535
 */
public record TerminalSize(int columns, int rows) {

    private static final int MOST = 65_535; // struct winsize, ioctl_tty(2)

    public TerminalSize {
        if (columns < 0 || columns > MOST || rows < 0 || rows > MOST) {
            throw new IllegalArgumentException("no terminal has " + columns + " columns and " + rows + " rows");
        }
    }
}
