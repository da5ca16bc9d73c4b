package dev.fcvm.host.process;

import java.util.Optional;
import java.util.stream.Stream;

/** The signals that are passed on to a container, with their numbers as Linux has them (signal(7)). */
public enum LinuxSignal {
    HUP(1),
    INT(2),
    QUIT(3),
    USR1(10),
    USR2(12),
    TERM(15);

    private final int number;

    LinuxSignal(int number) {
        this.number = number;
    }

    /** Returns the number. */
    public int number() {
        return number;
    }

    /** Returns the signal with this number, or nothing when it is not one of them. */
    public static Optional<LinuxSignal> of(int number) {
        return Stream.of(values()).filter(signal -> signal.number == number).findFirst();
    }

    /** Returns the bit of this signal in a mask, as the kernel and /proc have it. */
    long bit() {
        return 1L << (number - 1);
    }

    /** Returns the mask of all of them. */
    static long mask() {
        return Stream.of(values()).mapToLong(LinuxSignal::bit).reduce(0, (all, bit) -> all | bit);
    }
}
