package dev.fcvm.supervisor;

/** The kernel's errors of a write, in its own words (errno(3)), as Java has them in its exceptions. */
final class Errno {

    private Errno() {}

    static String text(int number) {
        return switch (number) {
            case 5 -> "Input/output error";
            case 9 -> "Bad file descriptor";
            case 22 -> "Invalid argument";
            case 27 -> "File too large";
            case 28 -> "No space left on device";
            case 32 -> "Broken pipe";
            case 104 -> "Connection reset by peer";
            case 122 -> "Disk quota exceeded";
            default -> "error " + number;
        };
    }
}
