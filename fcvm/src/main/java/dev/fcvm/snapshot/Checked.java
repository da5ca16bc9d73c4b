package dev.fcvm.snapshot;

import dev.fcvm.host.file.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which files of a snapshot have been read and found good, and have not been touched since: by their inode, size and times,
 * of which nobody but the kernel can set the last change. Reading a gigabyte would else be most of what a clone takes.
 *
 * @param directory the snapshot's
 */
record Checked(Path directory) {

    private static final String FILE = "checked";

    /** Writes down that these are good. */
    void write(List<String> names) throws IOException {
        var text = new StringBuilder();
        for (String name : names) {
            text.append(line(name)).append('\n');
        }
        AtomicFiles.write(directory.resolve(FILE), text.toString());
    }

    /** Returns whether these have been found good as they are. */
    boolean includes(List<String> names) throws IOException {
        List<String> lines;
        try {
            lines = Files.readAllLines(directory.resolve(FILE));
        } catch (NoSuchFileException never) {
            return false;
        }
        for (String name : names) {
            if (!lines.contains(line(name))) {
                return false;
            }
        }
        return true;
    }

    private String line(String name) throws IOException {
        Map<String, Object> now = Files.readAttributes(
                directory.resolve(name), "unix:ino,size,lastModifiedTime,ctime", LinkOption.NOFOLLOW_LINKS);
        return "%s %s %s %s %s"
                .formatted(
                        name,
                        now.get("ino"),
                        now.get("size"),
                        nanos(now.get("lastModifiedTime")),
                        nanos(now.get("ctime")));
    }

    private static String nanos(@Nullable Object time) {
        return time instanceof FileTime known ? known.toInstant().toString() : "";
    }
}
