package dev.fcvm.host.process;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.NativeCalls;
import dev.fcvm.host.Uninterrupted;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The signals sent to this process, each as an event instead of an end. The launcher blocks them before Java starts
 * ({@code env --block-signal}, {@code -Xrs}, and {@code _JAVA_SR_SIGNUM} so that HotSpot leaves SIGUSR2 alone), so that
 * one sent at any time waits in the kernel until it is read here from a signalfd(2). Processes started by
 * {@link ProcessBuilder} do not inherit the blocked mask: the JDK's spawn helper clears it.
 */
public final class SignalSource implements AutoCloseable {

    private static final Path STATUS = Path.of("/proc/thread-self/status");
    private static final String BLOCKED = "SigBlk:";
    private static final int CLOSE_ON_EXEC = 0x80000; // SFD_CLOEXEC and EFD_CLOEXEC
    private static final int MASK_BYTES = 8; // the kernel's sigset_t
    private static final int RECORD_BYTES = 128; // struct signalfd_siginfo; it begins with the signal's number
    private static final short READABLE = 1; // POLLIN

    private final Consumer<LinuxSignal> listener;
    private final long signals;
    private final long wake;
    private final Thread reader;

    private SignalSource(Consumer<LinuxSignal> listener, long signals, long wake) {
        this.listener = listener;
        this.signals = signals;
        this.wake = wake;
        this.reader = Thread.ofPlatform().name("signals").daemon().unstarted(this::read);
    }

    /**
     * Tells whether the launcher has blocked the signals, without which none can be read. Cheap.
     *
     * @throws FcvmException when /proc cannot be read
     */
    public static boolean isAvailable() throws FcvmException {
        try (Stream<String> lines = Files.lines(STATUS)) {
            long blocked = lines.filter(line -> line.startsWith(BLOCKED))
                    .mapToLong(line -> Long.parseUnsignedLong(
                            line.substring(BLOCKED.length()).strip(), 16))
                    .findFirst()
                    .orElse(0);
            return (blocked & LinuxSignal.mask()) == LinuxSignal.mask();
        } catch (IOException e) {
            throw new FcvmException(Kind.HOST, "cannot read %s: is /proc mounted?".formatted(STATUS), e);
        }
    }

    /**
     * Begins to read. The first use of native calls costs some 60 ms.
     *
     * @param listener is given each signal, those included that came before; on a thread of its own, one after the
     *     other, so it must not block for long
     * @throws FcvmException when this process was not started by the launcher, or the kernel refuses
     */
    public static SignalSource open(Consumer<LinuxSignal> listener) throws FcvmException {
        if (!isAvailable()) {
            throw new FcvmException(
                    Kind.HOST, "signals cannot be passed on: Java was started without fcvm's launcher; use bin/fcvm");
        }
        long signals;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocateFrom(ValueLayout.JAVA_LONG, LinuxSignal.mask());
            signals = descriptor(
                    "signalfd4",
                    NativeCalls.call(NativeCalls.SIGNALFD4, -1, mask.address(), MASK_BYTES, CLOSE_ON_EXEC));
        }
        long wake;
        try {
            wake = descriptor("eventfd2", NativeCalls.call(NativeCalls.EVENTFD2, 0, CLOSE_ON_EXEC, 0));
        } catch (FcvmException e) {
            NativeCalls.call(NativeCalls.CLOSE, signals, 0, 0);
            throw e;
        }
        SignalSource source = new SignalSource(listener, signals, wake);
        source.reader.start();
        return source;
    }

    /** Stops reading and waits until the listener is not called any more. Idempotent. Later signals stay pending. */
    @Override
    public void close() {
        if (!reader.isAlive()) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_LONG, 1);
            NativeCalls.call(NativeCalls.WRITE, wake, one.address(), Long.BYTES);
        }
        if (reader != Thread.currentThread()) {
            Uninterrupted.join(reader); // it ends at once, unless its listener does not return
        }
    }

    private static long descriptor(String call, long result) throws FcvmException {
        if (result < 0) {
            throw new FcvmException(
                    Kind.HOST, "signals cannot be passed on: %s failed with error %d".formatted(call, -result));
        }
        return result;
    }

    private void read() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment both = arena.allocate(2 * (Integer.BYTES + 2 * Short.BYTES), Integer.BYTES);
            await(both, 0, signals);
            await(both, 1, wake);
            MemorySegment signal = arena.allocate(RECORD_BYTES, Long.BYTES);
            while (true) {
                long ready = NativeCalls.call(NativeCalls.POLL, both.address(), 2, -1);
                if (ready < 0 && ready != -NativeCalls.EINTR) {
                    throw new IllegalStateException("poll failed with error " + -ready);
                }
                if (ready > 0 && happened(both, 1)) {
                    return;
                }
                if (ready > 0
                        && happened(both, 0)
                        && NativeCalls.call(NativeCalls.READ, signals, signal.address(), RECORD_BYTES)
                                == RECORD_BYTES) {
                    LinuxSignal.of(signal.get(ValueLayout.JAVA_INT, 0)).ifPresent(listener);
                }
            }
        } finally {
            NativeCalls.call(NativeCalls.CLOSE, signals, 0, 0);
            NativeCalls.call(NativeCalls.CLOSE, wake, 0, 0);
        }
    }

    /** Fills one {@code struct pollfd}: the descriptor, what is waited for, and what happened. */
    private static void await(MemorySegment polled, int index, long descriptor) {
        polled.set(ValueLayout.JAVA_INT, index * 8L, (int) descriptor);
        polled.set(ValueLayout.JAVA_SHORT, index * 8L + 4, READABLE);
    }

    private static boolean happened(MemorySegment polled, int index) {
        return polled.get(ValueLayout.JAVA_SHORT, index * 8L + 6) != 0;
    }
}
