package dev.fcvm.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.link.message.Message;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cuts the channel wherever it can be cut, and looks whether everything still arrives once and in order. */
@Timeout(180)
class BreakTest {

    private static final LinkOptions SMALL = new LinkOptions(512, java.time.Duration.ZERO);

    @Test
    void shouldLoseNothingWhenASocketBreaksAtAnyByteToTheGuest() throws Exception {
        for (long position : positions()) {
            exchangeOverSocket(once(position), () -> Long.MAX_VALUE, "to the guest at " + position);
        }
    }

    @Test
    void shouldLoseNothingWhenASocketBreaksAtAnyByteToTheHost() throws Exception {
        for (long position : positions()) {
            exchangeOverSocket(() -> Long.MAX_VALUE, once(position), "to the host at " + position);
        }
    }

    @Test
    void shouldLoseNothingWhenTheHostsEndOfASerialPortBreaksAtAnyByte() throws Exception {
        for (long position : positions()) {
            // Both ways count, so that the padding of each comes before the first byte of interest.
            for (long more : new long[] {0, Protocol.LONGEST_FRAME}) {
                var cable = new SerialCable(position, once(position + more));
                String name = "serial, at " + (position + more);
                try (var pair = LinkPair.over(cable, SMALL)) {
                    exchange(pair, new Random(position), 2, 600, name);
                }
                cable.close();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void shouldLoseNothingWhenSocketsBreakAgainAndAgain(long seed) throws Exception {
        var random = new Random(seed);
        LongSupplier limits = () -> limit(random);
        exchangeOverSocket(limits, limits, "seed " + seed, random, 4, 400_000);
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14, 15, 16, 17, 18})
    void shouldLoseNothingWhenASerialPortBreaksAgainAndAgain(long seed) throws Exception {
        var random = new Random(seed);
        var cable = new SerialCable(seed, () -> limit(random));
        try (var pair = LinkPair.over(cable, new LinkOptions(16 * 1024, java.time.Duration.ZERO))) {
            exchange(pair, random, 4, 200_000, "seed " + seed);
        }
        cable.close();
    }

    private static long limit(Random random) {
        synchronized (random) {
            return 33_000L + random.nextInt(random.nextInt(5) == 0 ? 2_000 : 120_000);
        }
    }

    /** Breaks the first connection there, and no other. */
    private static LongSupplier once(long position) {
        var dials = new AtomicInteger();
        return () -> dials.getAndIncrement() == 0 ? position : Long.MAX_VALUE;
    }

    /** Every position outside of the padding, and a few within. */
    private static List<Long> positions() {
        var all = new ArrayList<Long>();
        for (long at = 0; at < 8; at++) {
            all.add(at);
        }
        for (long at = 1000; at < Protocol.LONGEST_FRAME - 8; at += 8111) {
            all.add(at);
        }
        for (long at = Protocol.LONGEST_FRAME - 4; at < Protocol.LONGEST_FRAME + 1900; at++) {
            all.add(at);
        }
        return all;
    }

    private static void exchangeOverSocket(LongSupplier toGuest, LongSupplier toHost, String name) throws Exception {
        exchangeOverSocket(toGuest, toHost, name, new Random(1), 2, 600);
    }

    private static void exchangeOverSocket(
            LongSupplier toGuest, LongSupplier toHost, String name, Random random, int streams, int size)
            throws Exception {
        try (var cable = new SocketCable(toGuest, toHost);
                var pair =
                        LinkPair.over(cable, size > 1000 ? new LinkOptions(16 * 1024, SMALL.longestPause()) : SMALL)) {
            exchange(pair, random, streams, size, name);
        }
    }

    /** Sends random bytes over several streams both ways, with messages before and after, and checks all of it. */
    private static void exchange(LinkPair pair, Random random, int streams, int size, String name) throws Exception {
        var tasks = new ArrayList<FutureTask<Integer>>();
        for (int i = 0; i < streams; i++) {
            var stream = pair.host().openStream();
            long seed;
            synchronized (random) {
                seed = random.nextLong();
            }
            pair.host().send(new Message.Attach("N." + i, stream.number(), 0, 0, i, 0));
            var attach = (Message.Attach) pair.guest().receive();
            assertThat(attach.container()).as(name).isEqualTo("N." + i);
            assertThat(attach.stdoutFrom()).as(name).isEqualTo(i);
            var joined = pair.guest().joinStream(attach.stdin());
            tasks.add(start(() -> write(stream, seed, size)));
            tasks.add(start(() -> write(joined, seed + 1, size)));
            tasks.add(start(() -> read(joined.input(), seed)));
            tasks.add(start(() -> read(stream.input(), seed + 1)));
        }
        try {
            for (var task : tasks) {
                assertThat(task.get(60, TimeUnit.SECONDS)).as(name).isEqualTo(size);
            }
            pair.guest().send(new Message.ExecExited(1, 42, false));
            assertThat(pair.host().receive()).as(name).isEqualTo(new Message.ExecExited(1, 42, false));
            assertThat(((Session) pair.host()).ended()).as(name).isFalse();
        } catch (ExecutionException | TimeoutException failed) {
            throw new AssertionError(name, failed);
        }
    }

    private static int write(LinkStream stream, long seed, int size) throws Exception {
        var random = new Random(seed);
        var chunks = new Random(seed + 7);
        int done = 0;
        while (done < size) {
            var chunk = new byte[Math.min(size - done, 1 + chunks.nextInt(chunks.nextBoolean() ? 40 : 50_000))];
            for (int i = 0; i < chunk.length; i++) {
                chunk[i] = (byte) random.nextInt();
            }
            stream.output().write(chunk);
            done += chunk.length;
        }
        stream.output().close();
        stream.awaitConsumed();
        return done;
    }

    private static int read(InputStream in, long seed) throws Exception {
        var random = new Random(seed);
        var buffer = new byte[7000];
        int at = 0;
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            for (int i = 0; i < count; i++) {
                if (buffer[i] != (byte) random.nextInt()) {
                    throw new AssertionError("the byte at " + (at + i) + " is another");
                }
            }
            at += count;
        }
        return at;
    }

    private static FutureTask<Integer> start(Callable<Integer> action) {
        var task = new FutureTask<>(action);
        Thread.startVirtualThread(task);
        return task;
    }
}
