package dev.fcvm.machine.spec;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.IoReason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Reads the files of {@code --env-file} and {@code --label-file}. */
public final class FlagFile {

    private FlagFile() {}

    /** Returns the lines that say something, without the blanks before them. */
    public static List<String> lines(String flag, Path file) throws FcvmException {
        try {
            // A byte that is no UTF-8 becomes the sign for that, as it does on Podman's way to a container.
            String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
            return Arrays.stream(text.split("\r?\n"))
                    .map(line -> line.replaceFirst("^[ \t]+", ""))
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .toList();
        } catch (IOException unreadable) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE,
                    flag + ": cannot read " + file + ": " + IoReason.of(unreadable) + "; name a readable text file",
                    unreadable);
        }
    }
}
