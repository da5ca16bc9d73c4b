package dev.fcvm.guest.resident;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** A process that is being started; until it is decided which one it is, whoever wants something of it waits. */
final class LaterProcess extends Process {

    private final CompletableFuture<Process> which = new CompletableFuture<>();

    /** It is this one. */
    void is(Process process) {
        which.complete(process);
    }

    /** There is none, and will be none. */
    void isNone(IOException reason) {
        which.completeExceptionally(reason);
    }

    private Process decided() throws IOException {
        try {
            return which.join();
        } catch (CompletionException | CancellationException e) {
            throw new IOException("Podman was not started", e);
        }
    }

    @Override
    public OutputStream getOutputStream() {
        return OutputStream.nullOutputStream();
    }

    @Override
    public InputStream getInputStream() {
        return new LaterStream(Process::getInputStream);
    }

    @Override
    public InputStream getErrorStream() {
        return new LaterStream(Process::getErrorStream);
    }

    @Override
    public int waitFor() throws InterruptedException {
        try {
            return decided().waitFor();
        } catch (IOException none) {
            return FAILED;
        }
    }

    /** Podman's own exit code for what it could not do. */
    private static final int FAILED = 125;

    @Override
    public boolean waitFor(long timeout, TimeUnit unit) throws InterruptedException {
        long end = System.nanoTime() + unit.toNanos(timeout);
        while (!which.isDone()) {
            if (System.nanoTime() - end >= 0) {
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(1);
        }
        try {
            return decided().waitFor(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (IOException none) {
            return true;
        }
    }

    @Override
    public int exitValue() {
        if (!which.isDone()) {
            throw new IllegalThreadStateException("the container has not been started");
        }
        try {
            return decided().exitValue();
        } catch (IOException none) {
            return FAILED;
        }
    }

    @Override
    public boolean isAlive() {
        return !which.isDone()
                || (!which.isCompletedExceptionally() && which.join().isAlive());
    }

    @Override
    public void destroy() {
        var _ = which.thenAccept(Process::destroy);
    }

    @Override
    public ProcessHandle toHandle() {
        return which.join().toHandle();
    }

    @Override
    public long pid() {
        return which.join().pid();
    }

    @Override
    public CompletableFuture<Process> onExit() {
        return which.thenCompose(Process::onExit).handle((_, _) -> this);
    }

    /** One of its streams. */
    private final class LaterStream extends InputStream {

        private final Function<Process, InputStream> stream;

        private LaterStream(Function<Process, InputStream> stream) {
            this.stream = stream;
        }

        private InputStream stream() throws IOException {
            return stream.apply(decided());
        }

        @Override
        public int read() throws IOException {
            return stream().read();
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            return stream().read(target, offset, length);
        }

        @Override
        public int available() throws IOException {
            return which.isDone() ? stream().available() : 0;
        }

        @Override
        public void close() throws IOException {
            if (which.isDone()) {
                stream().close();
            }
        }
    }
}
