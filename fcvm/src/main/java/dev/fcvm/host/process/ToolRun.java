package dev.fcvm.host.process;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One run of a {@link Tool}: its process and the threads that feed and read it. */
final class ToolRun {

    // Not virtual: a read of a pipe holds its carrier, and two tools would hold all of a small host's carriers.
    private static final ThreadFactory PIPES =
            Thread.ofPlatform().daemon().name("tool-pipe").factory();

    private final Tool tool;
    private final Process process;
    private final ProcessTag tag;

    private ToolRun(Tool tool, Process process, ProcessTag tag) {
        this.tool = tool;
        this.process = process;
        this.tag = tag;
    }

    static ToolRun start(Tool tool, Path file) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(file.toString());
        command.addAll(tool.arguments());
        ProcessBuilder builder = new ProcessBuilder(RawCommand.of(command));
        CallerEnvironment.into(builder);
        builder.environment().put("PATH", Tool.searchPath());
        builder.environment().put("LC_ALL", "C");
        builder.environment().putAll(tool.environment());
        ProcessTag tag = ProcessTag.random("FCVM_TOOL");
        builder.environment().put(tag.variable(), tag.value());
        return new ToolRun(tool, builder.start(), tag);
    }

    Tool.Result await() throws IOException, FcvmException, InterruptedException {
        return await(reader(process.getInputStream(), new HeadBuffer(tool.outputLimit())));
    }

    Tool.Result await(Tool.OutputReader reader) throws IOException, FcvmException, InterruptedException {
        AtomicReference<@Nullable IOException> failure = new AtomicReference<>();
        Tool.Result result = await(() -> {
            // Closed at the end: a program that has more to say notices that nobody listens.
            try (InputStream output = process.getInputStream()) {
                reader.read(output);
            } catch (IOException e) {
                failure.set(e);
            }
            return "";
        });
        IOException failed = failure.get();
        // Of a program that failed the output is cut off: what it says is the reason.
        if (failed != null && (result.succeeded() || !(failed instanceof EOFException))) {
            throw failed;
        }
        return result;
    }

    private Tool.Result await(Callable<String> reading) throws IOException, FcvmException, InterruptedException {
        long end = System.nanoTime() + tool.deadline().toNanos();
        try (ExecutorService threads = Executors.newThreadPerTaskExecutor(PIPES)) {
            Future<String> output = threads.submit(reading);
            Future<String> errors =
                    threads.submit(reader(process.getErrorStream(), new TailBuffer(tool.outputLimit())));
            threads.execute(this::feed);
            boolean ended = false;
            try {
                if (!process.waitFor(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    throw new TimeoutException();
                }
                // Something it left behind may hold its output open: the deadline holds for that too.
                Tool.Result result = new Tool.Result(process.exitValue(), outcome(output, end), outcome(errors, end));
                ended = true;
                return result;
            } catch (TimeoutException e) {
                throw new FcvmException(
                        Kind.HOST,
                        "%s did not end within %d s and was killed"
                                .formatted(tool.program(), tool.deadline().toSeconds()),
                        e);
            } finally {
                if (!ended) {
                    kill();
                }
            }
        }
    }

    private void kill() {
        process.destroyForcibly();
        tag.killAll();
    }

    private static String outcome(Future<String> reading, long end)
            throws IOException, InterruptedException, TimeoutException {
        try {
            return reading.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new IOException("cannot read its output: " + e.getCause(), e);
        }
    }

    private Callable<String> reader(InputStream from, Kept kept) {
        return () -> {
            byte[] buffer = new byte[8192];
            try (from) {
                for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
                    kept.add(buffer, count);
                }
            }
            return new String(kept.bytes(), StandardCharsets.UTF_8);
        };
    }

    private void feed() {
        try (OutputStream to = process.getOutputStream()) {
            to.write(tool.input().bytes());
        } catch (IOException ignored) {
            // A program may end, or close its input, without having read all of it; its exit code tells.
        }
    }

    /** The part of a stream that is kept. */
    private sealed interface Kept {
        void add(byte[] bytes, int count);

        byte[] bytes();
    }

    private static final class HeadBuffer implements Kept {
        private final int limit;
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();

        HeadBuffer(int limit) {
            this.limit = limit;
        }

        @Override
        public void add(byte[] bytes, int count) {
            kept.write(bytes, 0, Math.min(count, limit - kept.size()));
        }

        @Override
        public byte[] bytes() {
            return kept.toByteArray();
        }
    }

    private static final class TailBuffer implements Kept {
        private final int limit;
        private byte[] kept = new byte[0];

        TailBuffer(int limit) {
            this.limit = limit;
        }

        @Override
        public void add(byte[] bytes, int count) {
            byte[] joined = new byte[kept.length + count];
            System.arraycopy(kept, 0, joined, 0, kept.length);
            System.arraycopy(bytes, 0, joined, kept.length, count);
            kept = joined.length > 2 * limit ? tail(joined) : joined;
        }

        @Override
        public byte[] bytes() {
            return tail(kept);
        }

        private byte[] tail(byte[] all) {
            return all.length <= limit ? all : Arrays.copyOfRange(all, all.length - limit, all.length);
        }
    }
}
