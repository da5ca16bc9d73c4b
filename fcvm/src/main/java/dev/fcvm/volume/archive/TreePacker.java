package dev.fcvm.volume.archive;

import dev.fcvm.host.nodes.FileStatus;
import dev.fcvm.host.nodes.NodeKind;
import dev.fcvm.host.nodes.OpenDirectory;
import dev.fcvm.host.nodes.OpenFile;
import dev.fcvm.host.text.RawPaths;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Writes a file or a directory of the host as an archive, as it is at that moment. What is below a directory is read by
 * descriptors, and no link in it is followed. Sockets are left out: they mean nothing without their process.
 */
public final class TreePacker {

    private static final int PIECE = 1 << 18;
    private static final String CAPABILITIES = "security.capability";
    private static final String USERS = "user.";

    private final OutputStream out;
    private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
    private final byte[] bytes = new byte[PIECE];
    private final Map<List<Long>, String> severalNames = new HashMap<>();

    private TreePacker(OutputStream out) {
        this.out = out;
    }

    /**
     * Writes one file or directory.
     *
     * @param source absolute; a link is followed
     * @param name what it is called in the archive; empty for a directory of which only what is in it is to be there
     */
    public static void write(Path source, String name, OutputStream to) throws IOException {
        var out = new BufferedOutputStream(to, PIECE);
        var packer = new TreePacker(out);
        Path real = source.toRealPath();
        if (Files.isDirectory(real)) {
            try (OpenDirectory directory = OpenDirectory.open(real)) {
                packer.directory(directory, name);
            }
        } else {
            try (OpenDirectory above = OpenDirectory.open(Objects.requireNonNull(real.getParent()))) {
                packer.put(above, RawPaths.text(Objects.requireNonNull(real.getFileName())), name);
            }
        }
        // Two empty records are the end.
        out.write(new byte[2 * TarHeader.RECORD]);
        out.flush();
    }

    private void directory(OpenDirectory directory, String path) throws IOException {
        String below = path.isEmpty() ? "" : path + "/";
        if (!path.isEmpty()) {
            new TarHeader(below, '5', directory.status(), 0)
                    .attributes(kept(directory.attributes()))
                    .write(out);
        }
        for (String name : directory.names().stream().sorted().toList()) {
            put(directory, name, below + name);
        }
    }

    private void put(OpenDirectory directory, String name, String path) throws IOException {
        try {
            FileStatus status = directory.status(name);
            if (status.links() > 1 && status.kind() != NodeKind.DIRECTORY) {
                String first = severalNames.putIfAbsent(List.of(status.device(), status.inode()), path);
                if (first != null) {
                    new TarHeader(path, '1', status, 0).link(first).write(out);
                    return;
                }
            }
            switch (status.kind()) {
                case DIRECTORY -> {
                    try (OpenDirectory below = directory.directory(name)) {
                        directory(below, path);
                    }
                }
                case FILE -> {
                    try (OpenFile file = directory.file(name)) {
                        file(file, path);
                    }
                }
                case LINK ->
                    new TarHeader(path, '2', status, 0)
                            .link(directory.target(name))
                            .write(out);
                case CHARACTERS -> new TarHeader(path, '3', status, 0).write(out);
                case BLOCKS -> new TarHeader(path, '4', status, 0).write(out);
                case PIPE -> new TarHeader(path, '6', status, 0).write(out);
                case SOCKET -> {
                    // Means nothing without its process.
                }
            }
        } catch (AtPath known) {
            throw known;
        } catch (IOException failure) {
            throw new AtPath(path, failure);
        }
    }

    private void file(OpenFile file, String path) throws IOException {
        FileStatus status = file.status();
        if (status.kind() != NodeKind.FILE) {
            throw new IOException("it has just become something else");
        }
        long size = status.size();
        new TarHeader(path, '0', status, size)
                .attributes(kept(file.attributes()))
                .write(out);
        for (long at = 0; at < size; ) {
            piece.clear().limit((int) Math.min(PIECE, size - at));
            int read = file.read(piece, at);
            if (read == 0) {
                throw new IOException("it has become shorter while it was copied");
            }
            piece.flip().get(bytes, 0, read);
            out.write(bytes, 0, read);
            at += read;
        }
        TarHeader.pad(out, size);
    }

    /** Those that Podman takes along. */
    private static Map<String, byte[]> kept(Map<String, byte[]> attributes) {
        Map<String, byte[]> kept = new TreeMap<>(attributes);
        kept.keySet().removeIf(name -> !name.startsWith(USERS) && !name.equals(CAPABILITIES));
        return kept;
    }
}
