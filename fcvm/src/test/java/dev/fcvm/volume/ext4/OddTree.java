package dev.fcvm.volume.ext4;

import dev.fcvm.host.nodes.FileTime;
import dev.fcvm.host.nodes.OpenDirectory;
import dev.fcvm.host.nodes.OpenFile;
import dev.fcvm.host.text.RawText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** A directory with every odd thing an ordinary user can make. */
public final class OddTree {

    /** Enough for an index of two levels. */
    private static final int MANY = 3000;

    private OddTree() {}

    /** Makes one. */
    public static void make(Path directory) throws IOException {
        try (OpenDirectory root = OpenDirectory.open(directory)) {
            file(root, "plain", "content");
            file(root, "new\nline", "1");
            file(root, RawText.decode(ByteBuffer.wrap(new byte[] {'b', (byte) 0xff, (byte) 0xfe})), "2");
            file(root, "-dash", "3");
            file(root, "x".repeat(255), "4");
            file(root, "empty", "");
            root.createLink("link", "/etc/passwd");
            root.createLink("long", "a".repeat(200));
            root.createLink("dangling", RawText.decode(ByteBuffer.wrap(new byte[] {(byte) 0x80})));
            root.createPipe("pipe");
            root.createName("hard", root, "plain");
            file(root, "mode", "5");
            try (OpenFile file = root.file("mode")) {
                file.setMode(04751);
                file.setAttribute("user.name", "value".getBytes(StandardCharsets.UTF_8));
                file.setAttribute("user.large", new byte[2500]);
                file.setTimes(new FileTime(5_000_000_000L, 1), new FileTime(-7, 987_654_321));
            }
            try (OpenFile sparse = root.createFile("sparse")) {
                put(sparse, "middle", 1 << 20);
                put(sparse, "end", 1L << 32);
            }
            try (OpenFile pieces = root.createFile("pieces")) {
                for (int i = 0; i < 1500; i++) {
                    put(pieces, "p" + i, i * 16_384L);
                }
            }
            byte[] bytes = new byte[3_000_001];
            new Random(7).nextBytes(bytes);
            Files.write(directory.resolve("large"), bytes);
            root.createDirectory("sticky");
            try (OpenDirectory below = root.directory("sticky")) {
                below.setMode(01777);
                below.setAttribute("user.empty", new byte[0]);
            }
            root.createDirectory("many");
            try (OpenDirectory below = root.directory("many")) {
                for (int i = 0; i < MANY; i++) {
                    below.createFile("a-file-with-number-" + i).close();
                }
            }
        }
    }

    private static void file(OpenDirectory directory, String name, String content) throws IOException {
        try (OpenFile file = directory.createFile(name)) {
            put(file, content, 0);
        }
    }

    private static void put(OpenFile file, String content, long at) throws IOException {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        file.write(ByteBuffer.allocateDirect(bytes.length).put(bytes).flip(), at);
    }
}
