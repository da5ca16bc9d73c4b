package dev.fcvm.host;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import java.io.ByteArrayOutputStream;
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
import java.util.concurrent.TimeUnit;

/** One run of a {@link Tool}: its process and the threads that feed and read it. */
final class ToolRun {

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
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("PATH", Tool.searchPath());
        builder.environment().put("LC_ALL", "C");
        builder.environment().putAll(tool.environment());
        ProcessTag tag = ProcessTag.random("FCVM_TOOL");
        builder.environment().put(tag.variable(), tag.value());
        return new ToolRun(tool, builder.start(), tag);
    }

    Tool.Result await() throws IOException, FcvmException, InterruptedException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<String> output =
                    threads.submit(reader(process.getInputStream(), new HeadBuffer(tool.outputLimit())));
            Future<String> errors =
                    threads.submit(reader(process.getErrorStream(), new TailBuffer(tool.outputLimit())));
            threads.submit(this::feed);
            boolean ended = false;
            try {
                ended = process.waitFor(tool.deadline().toMillis(), TimeUnit.MILLISECONDS);
            } finally {
                if (!ended) {
                    tag.killAll(process);
                }
            }
            if (!ended) {
                throw new FcvmException(
                        Kind.HOST,
                        "%s did not end within %d s and was killed"
                                .formatted(tool.program(), tool.deadline().toSeconds()));
            }
            return new Tool.Result(process.exitValue(), outcome(output), outcome(errors));
        }
    }

    private String outcome(Future<String> reading) throws IOException, FcvmException, InterruptedException {
        try {
            return reading.get();
        } catch (InterruptedException e) {
            // The program has ended, but something it started still holds its output open.
            tag.killAll(process);
            throw e;
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

    private boolean feed() {
        try (OutputStream to = process.getOutputStream()) {
            to.write(tool.input().bytes());
            return true;
        } catch (IOException e) {
            // A program may end, or close its input, without having read all of it; its exit code tells.
            return false;
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
