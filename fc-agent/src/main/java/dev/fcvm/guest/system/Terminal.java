package dev.fcvm.guest.system;

import dev.fcvm.link.message.TerminalSize;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * A pseudo-terminal, by its master's side (pty(7)). What is started in it has the other side for its three streams, and
 * for its controlling terminal: so it hears of a new size, and Ctrl-C is a signal.
 */
final class Terminal implements AutoCloseable {

    private static final int O_RDWR = 2;
    private static final int O_NOCTTY = 0x100;
    private static final int O_CLOEXEC = 0x80000;

    // ioctl_tty(2)
    private static final long TIOCGPTN = 0x80045430L;
    private static final long TIOCSPTLCK = 0x40045431L;
    private static final long TIOCSWINSZ = 0x5414;

    private final DescriptorChannel channel;
    private final int number;

    private Terminal(Syscalls syscalls, long descriptor, int number) {
        this.channel = DescriptorChannel.ofTerminal(syscalls, descriptor);
        this.number = number;
    }

    /** Makes one of this size. */
    static Terminal open(TerminalSize size) throws IOException {
        var syscalls = Syscalls.shared();
        var error = Syscalls.errorRoom();
        try (Arena arena = Arena.ofConfined()) {
            long master = syscalls.call(
                    "open",
                    error,
                    Syscalls.OPEN,
                    arena.allocateFrom("/dev/ptmx").address(),
                    O_RDWR | O_NOCTTY | O_CLOEXEC,
                    0,
                    0);
            try {
                MemorySegment answer = arena.allocate(ValueLayout.JAVA_INT);
                syscalls.call("ioctl", error, Syscalls.IOCTL, master, TIOCSPTLCK, answer.address(), 0);
                syscalls.call("ioctl", error, Syscalls.IOCTL, master, TIOCGPTN, answer.address(), 0);
                var terminal = new Terminal(syscalls, master, answer.get(ValueLayout.JAVA_INT, 0));
                terminal.resize(size);
                return terminal;
            } catch (IOException e) {
                syscalls.call("close", error, Syscalls.CLOSE, master, 0, 0, 0);
                throw e;
            }
        }
    }

    /** Returns the command that runs this one in it, as the leader of a session of its own; the process id stays. */
    List<String> inside(List<String> command) {
        List<String> line = new ArrayList<>();
        // Opened by the leader of a session without a terminal, it becomes that session's (tty_ioctl(4)).
        line.addAll(List.of("/usr/bin/setsid", "/bin/sh", "-c", "exec \"$@\" <>\"$0\" >&0 2>&0", "/dev/pts/" + number));
        line.addAll(command);
        return line;
    }

    /** Tells what runs in it of a new size. */
    void resize(TerminalSize size) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            // struct winsize: rows, columns, and two that nobody uses.
            MemorySegment winsize = arena.allocate(ValueLayout.JAVA_SHORT, 4);
            winsize.setAtIndex(ValueLayout.JAVA_SHORT, 0, (short) size.rows());
            winsize.setAtIndex(ValueLayout.JAVA_SHORT, 1, (short) size.columns());
            channel.control(TIOCSWINSZ, winsize.address());
        }
    }

    /** Returns what is written in it and what is typed into it. */
    DescriptorChannel channel() {
        return channel;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
