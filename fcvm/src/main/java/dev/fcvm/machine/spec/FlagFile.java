package dev.fcvm.machine.spec;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.text.RawText;
import java.io.IOException;
import java.nio.ByteBuffer;
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
            String text = RawText.decode(ByteBuffer.wrap(Files.readAllBytes(file)));
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
