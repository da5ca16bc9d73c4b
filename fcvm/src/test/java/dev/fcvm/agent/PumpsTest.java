package dev.fcvm.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.Pipe;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PumpsTest {

    @TempDir
    private Path directory;

    private final AtomicInteger firsts = new AtomicInteger();
    private final AtomicLong taken = new AtomicLong();
    private final AtomicInteger ends = new AtomicInteger();

    private interface Action {
        void run() throws Exception;
    }

    private static FutureTask<Void> start(Action action) {
        var task = new FutureTask<Void>(() -> {
            action.run();
            return null;
        });
        Thread.startVirtualThread(task);
        return task;
    }

    private static byte[] random(int length) {
        var bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    @Test
    void shouldBringTheOutputByteForByteAndTellItsBeginningAndEndOnce() throws Exception {
        byte[] bytes = random(1_000_000);
        var target = new ByteArrayOutputStream();
        try (var pair = new AgentPair(directory)) {
            var stream = pair.host.openStream();
            var container = pair.joined(stream);
            var writer = start(() -> {
                container.output().write(bytes);
                container.output().close();
            });
            new OutputPump(stream, target, firsts::incrementAndGet, taken::set, ends::incrementAndGet).run();
            writer.get(20, TimeUnit.SECONDS);
        }
        assertThat(target.toByteArray()).isEqualTo(bytes);
        assertThat(taken.get()).isBetween(500_000L, 1_000_000L);
        assertThat(firsts).hasValue(1);
        assertThat(ends).hasValue(1);
    }

    @Test
    void shouldPassOnWhatATerminalWouldObeyUnchanged() throws Exception {
        byte[] bytes = "\u001b]0;title\u0007\u001b[2J\0\r\n".getBytes(UTF_8);
        var target = new ByteArrayOutputStream();
        try (var pair = new AgentPair(directory)) {
            var stream = pair.host.openStream();
            var container = pair.joined(stream);
            container.output().write(bytes);
            container.output().close();
            new OutputPump(stream, target, firsts::incrementAndGet, taken::set, ends::incrementAndGet).run();
        }
        assertThat(target.toByteArray()).isEqualTo(bytes);
    }

    @Test
    void shouldTellTheEndOfAnOutputThatHadNothing() throws Exception {
        try (var pair = new AgentPair(directory)) {
            var stream = pair.host.openStream();
            pair.joined(stream).output().close();
            new OutputPump(
                            stream,
                            OutputStream.nullOutputStream(),
                            firsts::incrementAndGet,
                            taken::set,
                            ends::incrementAndGet)
                    .run();
        }
        assertThat(firsts).hasValue(0);
        assertThat(ends).hasValue(1);
    }

    @Test
    void shouldFailTheContainersNextWriteWhenNobodyReadsTheOutputAnyMore() throws Exception {
        var pipe = Pipe.open();
        pipe.source().close();
        try (var pair = new AgentPair(directory);
                var target = Channels.newOutputStream(pipe.sink())) {
            var stream = pair.host.openStream();
            var container = pair.joined(stream);
            var writer = start(() -> {
                while (true) {
                    container.output().write(new byte[1000]);
                }
            });
            new OutputPump(stream, target, firsts::incrementAndGet, taken::set, ends::incrementAndGet).run();

            assertThatThrownBy(() -> writer.get(20, TimeUnit.SECONDS))
                    .hasRootCauseMessage("the host has reset stream 1");
            assertThat(firsts).hasValue(0);
            assertThat(ends).hasValue(1);
            // The other streams go on.
            var other = pair.host.openStream();
            pair.joined(other).output().write(7);
            assertThat(other.input().read()).isEqualTo(7);
        }
    }

    @Test
    void shouldEndTheOutputWithTheSession() throws Exception {
        try (var pair = new AgentPair(directory)) {
            var stream = pair.host.openStream();
            pair.joined(stream);
            var pump =
                    start(new OutputPump(
                            stream,
                            OutputStream.nullOutputStream(),
                            firsts::incrementAndGet,
                            taken::set,
                            ends::incrementAndGet)::run);
            pair.host.close();
            pump.get(20, TimeUnit.SECONDS);
        }
        assertThat(ends).hasValue(1);
    }

    @Test
    void shouldBringTheInputByteForByteAndItsEnd() throws Exception {
        byte[] bytes = random(500_000);
        try (var pair = new AgentPair(directory)) {
            var stream = pair.host.openStream();
            var container = pair.joined(stream);
            var pump = start(new InputPump(Channels.newChannel(new ByteArrayInputStream(bytes)), stream)::run);
            assertThat(container.input().readAllBytes()).isEqualTo(bytes);
            pump.get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void shouldStillBringWhatCameBeforeTheInputCouldNotBeRead() throws Exception {
        var failing = new InputStream() {
            private boolean asked;

            @Override
            public int read() {
                throw new IllegalStateException("asked for one byte");
            }

            @Override
            public int read(byte[] into, int start, int length) throws IOException {
                if (asked) {
                    throw new IOException("input/output error");
                }
                asked = true;
                into[start] = 'x';
                return 1;
            }
        };
        try (var pair = new AgentPair(directory)) {
            var stream = pair.host.openStream();
            var container = pair.joined(stream);
            new InputPump(Channels.newChannel(failing), stream).run();
            assertThat(container.input().readAllBytes()).isEqualTo(new byte[] {'x'});
        }
    }

    @Test
    void shouldTakeADirectoryForAnEmptyInput() throws Exception {
        try (var pair = new AgentPair(directory);
                var unreadable = FileChannel.open(directory)) {
            var stream = pair.host.openStream();
            var container = pair.joined(stream);
            new InputPump(unreadable, stream).run();
            assertThat(container.input().read()).isEqualTo(-1);
        }
    }

    @Test
    void shouldEndWhenItsSourceIsClosedWhileItWaits() throws Exception {
        var pipe = Pipe.open();
        try (var pair = new AgentPair(directory)) {
            var stream = pair.host.openStream();
            var container = pair.joined(stream);
            var pump = start(new InputPump(pipe.source(), stream)::run);
            pipe.source().close();
            pump.get(20, TimeUnit.SECONDS);
            assertThatThrownBy(() -> container.input().read()).hasMessageContaining("reset");
        }
    }

    @Test
    void shouldStopReadingWhenTheContainerDoesNot() throws Exception {
        var endless = Channels.newChannel(new InputStream() {
            @Override
            public int read() {
                return 'y';
            }

            @Override
            public int read(byte[] into, int start, int length) {
                return length;
            }
        });
        try (var pair = new AgentPair(directory)) {
            var stream = pair.host.openStream();
            pair.joined(stream).reset();
            start(new InputPump(endless, stream)::run).get(20, TimeUnit.SECONDS);
        }
    }
}
