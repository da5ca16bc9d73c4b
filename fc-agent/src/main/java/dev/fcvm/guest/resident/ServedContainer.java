package dev.fcvm.guest.resident;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A container that Podman's service has started, as a process: its conmon, which ends when Podman has cleaned up behind the
 * container, with the container's exit code. Its streams are the container's; it has no input.
 */
final class ServedContainer extends Process {

    /** As Podman says of a container of whose end it knows nothing. */
    private static final int UNKNOWN = 255;

    private static final long LOOK_SECONDS = 1;
    private static final long CLEANING_MILLIS = 2;

    private final ProcessHandle conmon;
    private final Path exit;
    private final InputStream output;
    private final InputStream error;
    private volatile int code = UNKNOWN;

    /**
     * @param conmon its conmon
     * @param exit the file in which that leaves the exit code
     */
    ServedContainer(ProcessHandle conmon, Path exit, InputStream output, InputStream error) {
        this.conmon = conmon;
        this.exit = exit;
        this.output = output;
        this.error = error;
    }

    @Override
    public OutputStream getOutputStream() {
        return OutputStream.nullOutputStream();
    }

    @Override
    public InputStream getInputStream() {
        return output;
    }

    @Override
    public InputStream getErrorStream() {
        return error;
    }

    @Override
    public int waitFor() throws InterruptedException {
        try (WatchService watch = exit.getFileSystem().newWatchService()) {
            exit.toAbsolutePath().resolveSibling("").register(watch, StandardWatchEventKinds.ENTRY_CREATE);
            while (conmon.isAlive()) {
                if (said().isPresent()) {
                    Thread.sleep(CLEANING_MILLIS);
                } else {
                    var key = watch.poll(LOOK_SECONDS, TimeUnit.SECONDS);
                    if (key != null) {
                        key.reset();
                    }
                }
            }
        } catch (IOException e) {
            // There is nothing to watch: its end is looked for now and then.
            while (conmon.isAlive()) {
                TimeUnit.SECONDS.sleep(LOOK_SECONDS);
            }
        }
        return exitValue();
    }

    @Override
    public int exitValue() {
        if (conmon.isAlive()) {
            throw new IllegalThreadStateException("the container has not ended");
        }
        said().ifPresent(known -> code = known);
        return code;
    }

    /** conmon writes a file of another name and renames it, so that what is there is whole. */
    private OptionalInt said() {
        try {
            String text = Files.exists(exit) ? Files.readString(exit) : "";
            if (text.matches("[0-9]{1,3}")) {
                code = Integer.parseInt(text);
                return OptionalInt.of(code);
            }
            return OptionalInt.empty();
        } catch (IOException gone) {
            return OptionalInt.empty(); // Podman takes it away with the container
        }
    }

    @Override
    public boolean isAlive() {
        return conmon.isAlive();
    }

    @Override
    public void destroy() {
        conmon.destroy();
    }

    @Override
    public ProcessHandle toHandle() {
        return conmon;
    }

    @Override
    public long pid() {
        return conmon.pid();
    }

    @Override
    public CompletableFuture<Process> onExit() {
        return conmon.onExit().thenApply(_ -> this);
    }
}
