package dev.fcvm.volume.block;

import dev.fcvm.host.nodes.FileStatus;
import dev.fcvm.host.nodes.FileTime;
import dev.fcvm.host.nodes.NodeKind;
import dev.fcvm.host.nodes.OpenDirectory;
import dev.fcvm.host.text.RawText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Tells by what the kernel says of them whether files have changed: whatever changes one moves the time of its last
 * change. Reads no content.
 */
final class TreeDigest {

    private static final int ENTRY = 80;

    /**
     * The kernel takes the time of a change from a clock that ticks every 10 ms at most. A change within the tick of one
     * before is not to be seen.
     */
    private static final long TICK_NANOS = 20_000_000;

    private final MessageDigest digest;
    private FileTime newest = new FileTime(Long.MIN_VALUE, 0);

    /**
     * What is known of a tree.
     *
     * @param value the digest, in hexadecimal
     * @param settled whether the next change of any of its files would move a time
     */
    record Result(String value, boolean settled) {}

    private TreeDigest() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every Java has SHA-256", missing);
        }
    }

    /**
     * Looks at a directory or a single file.
     *
     * @param options what else the image depends on
     */
    static Result of(Path path, boolean single, String options) throws IOException {
        var tree = new TreeDigest();
        tree.digest.update(options.getBytes(StandardCharsets.UTF_8));
        long nowNanos = System.currentTimeMillis() * 1_000_000;
        if (single) {
            Path parent = path.toAbsolutePath().getParent();
            try (OpenDirectory directory = OpenDirectory.open(parent == null ? Path.of("/") : parent)) {
                tree.add("", directory.status(String.valueOf(path.getFileName())));
            }
        } else {
            try (OpenDirectory directory = OpenDirectory.open(path)) {
                tree.add("", directory.status());
                tree.scan(directory);
            }
        }
        long newestNanos = tree.newest.seconds() < 0
                ? Long.MIN_VALUE
                : Math.min(tree.newest.seconds(), 1L << 33) * 1_000_000_000 + tree.newest.nanos();
        return new Result(HexFormat.of().formatHex(tree.digest.digest()), newestNanos < nowNanos - TICK_NANOS);
    }

    private void scan(OpenDirectory directory) throws IOException {
        List<String> names = new ArrayList<>(directory.names());
        names.sort(null);
        for (String name : names) {
            FileStatus status = directory.status(name);
            add(name, status);
            if (status.kind() == NodeKind.DIRECTORY) {
                try (OpenDirectory below = directory.directory(name)) {
                    scan(below);
                }
                digest.update((byte) '/');
            }
        }
    }

    private void add(String name, FileStatus status) {
        byte[] bytes = RawText.encode(name);
        ByteBuffer entry = ByteBuffer.allocate(ENTRY);
        entry.putInt(bytes.length)
                .putInt(status.kind().bits())
                .putInt(status.mode())
                .putInt(status.uid())
                .putInt(status.gid())
                .putLong(status.size())
                .putLong(status.inode())
                .putLong(status.device())
                .putLong(status.modified().seconds())
                .putInt(status.modified().nanos())
                .putLong(status.changed().seconds())
                .putInt(status.changed().nanos());
        digest.update(bytes);
        digest.update(entry.array());
        FileTime changed = status.changed();
        if (changed.seconds() > newest.seconds()
                || (changed.seconds() == newest.seconds() && changed.nanos() > newest.nanos())) {
            newest = changed;
        }
    }
}
