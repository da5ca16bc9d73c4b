package dev.fcvm.machine.ready;

import java.io.Serial;

/**
 * A text that can be looked at only so many times: a pattern that needs more for a line would need longer than anybody
 * waits. Counted, not timed, so that a busy host changes nothing.
 */
final class BoundedText implements CharSequence {

    /** Enough for a pattern that looks at each character of the longest line once for each other. */
    private static final int MOST_LOOKS = 50_000_000;

    private final String text;
    private int looks;

    BoundedText(String text) {
        this.text = text;
    }

    /** The pattern needs too long. */
    static final class TooDear extends RuntimeException {

        @Serial
        private static final long serialVersionUID = 1L;

        TooDear() {
            super("a pattern needs too long", null, false, false);
        }
    }

    @Override
    public char charAt(int index) {
        if (++looks > MOST_LOOKS) {
            throw new TooDear();
        }
        return text.charAt(index);
    }

    @Override
    public int length() {
        return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        return text.subSequence(start, end);
    }

    @Override
    public String toString() {
        return text;
    }
}
