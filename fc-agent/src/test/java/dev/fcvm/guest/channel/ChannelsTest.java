package dev.fcvm.guest.channel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.guest.TestGuest;
import dev.fcvm.guest.system.Console;
import dev.fcvm.guest.system.DescriptorChannel;
import dev.fcvm.guest.system.Syscalls;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.Pipe;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The ways to the host: a socket by its descriptor, a listening vsock, and a port that stays open over breaks. */
@Timeout(60)
class ChannelsTest {

    private static final long SOCKETPAIR = 53;
    private static final long CONNECT = 42;

    /** What vsock says where nobody listens. */
    private static final int ECONNRESET = 104;

    private static <T> FutureTask<T> start(Callable<T> call) {
        var task = new FutureTask<>(call);
        // Not virtual: these calls block the thread that carries them.
        var thread = new Thread(task);
        thread.setDaemon(true);
        thread.start();
        return task;
    }

    private static DescriptorChannel[] socketPair() throws IOException {
        var syscalls = Syscalls.shared();
        try (var arena = Arena.ofConfined()) {
            MemorySegment two = arena.allocate(ValueLayout.JAVA_INT, 2);
            syscalls.call("socketpair", Syscalls.errorRoom(), SOCKETPAIR, 1, 1, 0, two.address());
            return new DescriptorChannel[] {
                DescriptorChannel.ofSocket(syscalls, two.getAtIndex(ValueLayout.JAVA_INT, 0)),
                DescriptorChannel.ofSocket(syscalls, two.getAtIndex(ValueLayout.JAVA_INT, 1))
            };
        }
    }

    private static String read(ByteChannel channel) throws IOException {
        var buffer = ByteBuffer.allocate(1000);
        int count = channel.read(buffer);
        return count < 0 ? "end" : new String(buffer.array(), 0, count, UTF_8);
    }

    private static void write(ByteChannel channel, String text) throws IOException {
        channel.write(ByteBuffer.wrap(text.getBytes(UTF_8)));
    }

    @Test
    void shouldCarryBytesBothWaysWhileBothAreBusy() throws Exception {
        var pair = socketPair();
        try (var one = pair[0];
                var other = pair[1]) {
            var waiting = start(() -> read(one));
            write(one, "there");
            assertThat(read(other)).isEqualTo("there");
            write(other, "back");
            assertThat(waiting.get(10, TimeUnit.SECONDS)).isEqualTo("back");
        }
    }

    @Test
    void shouldTakeWhatFitsAndMoveTheBufferOnByThat() throws Exception {
        var pair = socketPair();
        var one = pair[0];
        try (var other = pair[1]) {
            var bytes = ByteBuffer.allocate(1_000_000);
            bytes.position(5);
            var received = start(() -> {
                var into = ByteBuffer.allocate(2_000_000);
                while (other.read(into) > 0) {
                    assertThat(into.position()).isPositive();
                }
                return into.position();
            });
            while (bytes.hasRemaining()) {
                assertThat(one.write(bytes)).isBetween(1, 64 * 1024);
            }
            one.close();
            assertThat(received.get(10, TimeUnit.SECONDS)).isEqualTo(1_000_000 - 5);
        }
    }

    @Test
    void shouldWakeAReaderThatWaitsWhenItIsClosed() throws Exception {
        var pair = socketPair();
        try (var other = pair[1]) {
            var waiting = start(() -> read(pair[0]));
            pair[0].close();
            // Woken from its call, or come too late for it.
            assertThatThrownByOrEnd(waiting);
            assertThat(pair[0].isOpen()).isFalse();
            assertThatThrownBy(() -> write(pair[0], "x")).isInstanceOf(ClosedChannelException.class);
            assertThat(read(other)).isEqualTo("end");
            pair[0].close();
        }
    }

    private static void assertThatThrownByOrEnd(FutureTask<String> waiting) throws Exception {
        try {
            assertThat(waiting.get(10, TimeUnit.SECONDS)).isEqualTo("end");
        } catch (ExecutionException late) {
            assertThat(late).hasCauseInstanceOf(ClosedChannelException.class);
        }
    }

    @Test
    void shouldNameTheCallThatFails() {
        var channel = DescriptorChannel.ofSocket(Syscalls.shared(), 999_999);
        assertThatThrownBy(() -> read(channel))
                .isInstanceOf(IOException.class)
                .hasMessage("read failed with error number 9");
    }

    @Test
    void shouldAcceptAHostOverTheKernelsVsock() throws Exception {
        FutureTask<ByteChannel> accepted = start(new VsockListener()::dial);
        var host = connect(accepted);
        assumeTrue(host != null, "this kernel has no loopback for vsock");
        try (var channel = accepted.get(10, TimeUnit.SECONDS)) {
            write(host, "hello");
            assertThat(read(channel)).isEqualTo("hello");
            host.close();
            assertThat(read(channel)).isEqualTo("end");
        }
    }

    /** Connects to the local context, 1, once somebody listens; returns null where the kernel has no such thing. */
    private static @Nullable DescriptorChannel connect(FutureTask<ByteChannel> listener) throws IOException {
        var syscalls = Syscalls.shared();
        var error = Syscalls.errorRoom();
        while (!listener.isDone()) {
            long socket = syscalls.call("socket", error, Syscalls.SOCKET, 40, 1, 0, 0);
            try (var arena = Arena.ofConfined()) {
                MemorySegment address = arena.allocate(16, 4);
                address.set(ValueLayout.JAVA_SHORT, 0, (short) 40);
                address.set(ValueLayout.JAVA_INT, 4, VsockListener.PORT);
                address.set(ValueLayout.JAVA_INT, 8, 1);
                syscalls.call("connect", error, CONNECT, socket, address.address(), 16, 0);
                return DescriptorChannel.ofSocket(syscalls, socket);
            } catch (IOException refused) {
                syscalls.call("close", error, Syscalls.CLOSE, socket, 0, 0, 0);
                if (!Console.reason(refused).endsWith(" " + ECONNRESET)) {
                    return null;
                }
            }
        }
        return null;
    }

    /** A port made of two pipes, opened as often as it is asked for. */
    private static final class Port {

        final AtomicInteger opened = new AtomicInteger();
        final Queue<Pipe> toGuest = new ArrayDeque<>();
        final SerialPort dialer = new SerialPort(this::open);

        private SerialPort.Directions open() throws IOException {
            opened.incrementAndGet();
            var in = Pipe.open();
            toGuest.add(in);
            return new SerialPort.Directions(in.source(), Pipe.open().sink());
        }

        /** What the host says; closing it is what a host that goes away looks like. */
        Pipe.SinkChannel host() {
            return toGuest.element().sink();
        }
    }

    @Test
    void shouldKeepThePortOpenOverABreakOfTheHosts() throws Exception {
        var port = new Port();
        try (var first = port.dialer.dial()) {
            port.host().write(ByteBuffer.wrap("one".getBytes(UTF_8)));
            assertThat(read(first)).isEqualTo("one");
        }
        try (var second = port.dialer.dial()) {
            port.host().write(ByteBuffer.wrap("two".getBytes(UTF_8)));
            assertThat(read(second)).isEqualTo("two");
            port.host().close();
            assertThat(read(second)).isEqualTo("end");
        }
        assertThat(port.opened).hasValue(1);
    }

    @Test
    void shouldWaitForTheHostWhereAReadEndsAtOnce() throws Exception {
        var reads = new AtomicInteger();
        var in = Pipe.open();
        in.sink().write(ByteBuffer.wrap("late".getBytes(UTF_8)));
        var absent = new ReadableByteChannel() {
            @Override
            public int read(ByteBuffer into) throws IOException {
                return reads.incrementAndGet() < 4 ? -1 : in.source().read(into);
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
        var out = Pipe.open();
        try (var channel = new SerialPort(() -> new SerialPort.Directions(absent, out.sink())).dial()) {
            assertThat(read(channel)).isEqualTo("late");
        }
        assertThat(reads).hasValue(4);
    }

    @Test
    void shouldWakeAWaitingReaderAndOpenThePortAnew() throws Exception {
        var port = new Port();
        var channel = port.dialer.dial();
        var waiting = start(() -> read(channel));
        TestGuest.await(() -> waiting.isDone() || stuckInRead());
        channel.close();
        assertThatThrownBy(() -> waiting.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> write(channel, "x")).isInstanceOf(ClosedChannelException.class);
        try (var next = port.dialer.dial()) {
            assertThat(next.isOpen()).isTrue();
        }
        assertThat(port.opened).hasValue(2);
    }

    private static boolean stuckInRead() {
        return Thread.getAllStackTraces().values().stream()
                .anyMatch(frames -> frames.length > 0
                        && Arrays.stream(frames)
                                .anyMatch(frame -> frame.getClassName().endsWith("SerialPort$Connection"))
                        && frames[0].isNativeMethod());
    }
}
