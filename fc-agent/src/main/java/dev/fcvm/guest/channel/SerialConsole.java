package dev.fcvm.guest.channel;

import dev.fcvm.guest.system.Console;
import dev.fcvm.guest.system.Syscalls;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * The guest's serial console, which Firecracker forgets in a snapshot: a restored machine has a serial port with all its
 * interrupts off, while the kernel believes that they are on. When the kernel was just sending, it waits for ever for the
 * interrupt that asks for more, and so does everyone who writes to the console. To stop and restart its output, as Ctrl-S
 * and Ctrl-Q do, makes the kernel switch that interrupt off and on again, and send on what it holds; nothing is lost.
 */
public final class SerialConsole {

    /** Standard error, as {@link Console} has it. */
    private static final long CONSOLE = 2;

    // ioctl(2): tcflow(3) and its two actions.
    private static final long TCXONC = 0x540A;
    private static final long TCOOFF = 0;
    private static final long TCOON = 1;

    // ioctl_tty(2): with this argument it is tcdrain(3).
    private static final long TCSBRK = 0x5409;
    private static final long ONLY_WAIT = 1;

    private SerialConsole() {}

    /** Waits until everything that was printed is out. */
    public static void drain() {
        try {
            Syscalls.shared().call("ioctl", Syscalls.errorRoom(), Syscalls.IOCTL, CONSOLE, TCSBRK, ONLY_WAIT, 0);
        } catch (IOException e) {
            // Not a terminal, which keeps nothing back.
        }
    }

    /**
     * Has the console's output begin anew; where that works already nothing changes. Never waits.
     *
     * @param error from {@link Syscalls#errorRoom()}
     */
    static void restart(Syscalls syscalls, MemorySegment error) {
        try {
            syscalls.call("ioctl", error, Syscalls.IOCTL, CONSOLE, TCXONC, TCOOFF, 0);
            syscalls.call("ioctl", error, Syscalls.IOCTL, CONSOLE, TCXONC, TCOON, 0);
        } catch (IOException e) {
            // Not a terminal, and so nothing that waits for interrupts; and there is no other place to report to.
        }
    }
}
