package dev.fcvm.it.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;

/** A new directory on a real disk with a path short enough for sockets; closing it removes all of it. */
public record Place(Path root) implements AutoCloseable {

    /** Makes one. Its mode is 0700. */
    public static Place make() {
        try {
            Path parent = Path.of(setting("FCVM_TEST_TMP", "/var/tmp"));
            return new Place(Files.createTempDirectory(
                    parent,
                    "fcvm-it",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns a new directory in it, with mode 0700. */
    public Path directory(String name) {
        try {
            return Files.createDirectories(
                    root.resolve(name),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes a file in it and returns its path. */
    public Path file(String name, String content) {
        try {
            Path file = root.resolve(name);
            Files.createDirectories(file.getParent());
            return Files.writeString(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes it; what is mounted below it is left to whoever mounted it, and shown. */
    @Override
    public void close() {
        try {
            Process remove = new ProcessBuilder("rm", "-rf", "--one-file-system", "--", root.toString())
                    .inheritIO()
                    .start();
            if (!remove.waitFor(60, TimeUnit.SECONDS) || remove.exitValue() != 0) {
                throw new IllegalStateException("cannot remove " + root);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns an environment variable of the test run, or this. */
    public static String setting(String name, String otherwise) {
        String value = System.getenv(name);
        return value == null || value.isEmpty() ? otherwise : value;
    }
}
