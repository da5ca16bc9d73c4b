package dev.fcvm.guest.container;

import dev.fcvm.guest.system.Console;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/**
 * conmon's word of how the container ended. It comes before Podman's, which first takes the container apart: a quarter of
 * its time, and for nothing in a machine that ends with its container.
 *
 * @param directory where conmon leaves it, the exit code in a file named by the container's id ({@code --exit-dir},
 *     conmon(8)); there is one container in a machine
 */
record ContainerExit(Path directory, Console console) {

    private static final String ID = "[0-9a-f]{64}";
    private static final String CODE = "[0-9]{1,3}";

    /**
     * Waits for it.
     *
     * @return the exit code; nothing when Podman has ended without a container having run, or the word cannot be had
     */
    OptionalInt await(Process podman) throws InterruptedException {
        try {
            Files.createDirectories(directory);
            try (WatchService watch = directory.getFileSystem().newWatchService()) {
                directory.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
                CompletableFuture<Void> giveUp = podman.onExit().thenRun(() -> close(watch));
                try {
                    OptionalInt code = read();
                    while (code.isEmpty()) {
                        watch.take().reset();
                        code = read();
                    }
                    return code;
                } finally {
                    giveUp.cancel(false);
                }
            }
        } catch (ClosedWatchServiceException podmanHasEnded) {
            return OptionalInt.empty();
        } catch (IOException e) {
            console.log("the container's end is not seen before Podman's: " + Console.reason(e));
            return OptionalInt.empty();
        }
    }

    private void close(WatchService watch) {
        try {
            watch.close();
        } catch (IOException e) {
            console.log("cannot end a watch: " + Console.reason(e));
        }
    }

    /** conmon writes a file of another name and renames it, so that what is there is whole. */
    private OptionalInt read() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                if (file.getFileName().toString().matches(ID)) {
                    String code = Files.readString(file);
                    if (code.matches(CODE)) {
                        return OptionalInt.of(Integer.parseInt(code));
                    }
                }
            }
        } catch (NoSuchFileException podmanWasFaster) {
            return OptionalInt.empty();
        }
        return OptionalInt.empty();
    }
}
