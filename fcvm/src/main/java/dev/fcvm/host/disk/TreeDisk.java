package dev.fcvm.host.disk;

import dev.fcvm.host.ext4.Attributes;
import dev.fcvm.host.ext4.Directory;
import dev.fcvm.host.ext4.DiskFullException;
import dev.fcvm.host.ext4.Ext4;
import dev.fcvm.host.ext4.InodeContent;
import dev.fcvm.host.ext4.InodeRecord;
import dev.fcvm.host.ext4.NameHash;
import dev.fcvm.host.nodes.FileTime;
import dev.fcvm.host.process.Tool;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Makes a disk with what is in a directory: tar(1) reads the tree, with the rights it has, and this writes an ext4 file
 * system from the stream. What mke2fs(8) does for small trees takes the square of the time for many files in a
 * directory, and loses the times that 32 bits do not hold; a file system that is mounted to be filled wants root.
 *
 * <p>Kept are owners, permissions, times to the nanosecond (1901 to 2446), extended attributes, access lists, links,
 * holes, device nodes and pipes. Sockets, which mean nothing without their process, are left out. The file system has no
 * journal; its free space can be written to, and tune2fs(8) can give it one.
 */
public final class TreeDisk {

    private static final int CHUNK = 1 << 18;

    private final DiskShape shape;
    private final Blocks blocks;
    private final Additions additions;
    private final NameHash hash;
    private final NumbersByPath numbers;
    private final Deque<Open> open = new ArrayDeque<>();
    private final int[] directories;
    private final byte[] chunk = new byte[CHUNK];
    private long nextInode = Ext4.FIRST_INODE;

    /** A directory whose files are being written. */
    private record Open(String path, long number, FileMeta meta, Directory names) {}

    private TreeDisk(DiskShape shape, Blocks blocks, NumbersByPath numbers, Additions additions) {
        this.shape = shape;
        this.blocks = blocks;
        this.numbers = numbers;
        this.additions = additions;
        this.hash = new NameHash(shape.uuidBytes());
        this.directories = new int[shape.groups()];
    }

    /** Returns the tool whose output {@link #write} reads, for all that is in a directory. */
    public static Tool archiver(Path tree) {
        return archiver(tree, List.of());
    }

    private static Tool archiver(Path tree, List<String> more) {
        return Tool.named("tar", "tar")
                .with(more)
                .with("--create", "--file=-", "--format=posix", "--pax-option=delete=atime,delete=ctime")
                .with("--numeric-owner", "--sparse", "--hole-detection=seek", "--blocking-factor=512")
                // A label belongs to the host's policy.
                .with("--xattrs", "--xattrs-include=*", "--xattrs-exclude=security.selinux", "--no-acls")
                .with("--directory=" + tree, "--", ".");
    }

    /**
     * Returns the same tool, but for that it removes the directory with all that is in it, each file when it has been
     * read. Removing it afterwards takes as long, but then nothing else goes on.
     */
    public static Tool consumer(Path tree) {
        return archiver(tree, List.of("--remove-files"));
    }

    /**
     * Writes a disk. It is not forced out of the host's memory: see {@link java.nio.channels.FileChannel#force}.
     *
     * @param file is made
     * @param tar from {@link #archiver}
     * @throws DiskFullException when there is more than the disk can hold
     * @throws IOException when the stream is cut off or damaged, or the file cannot be written; then it is incomplete
     */
    public static void write(Path file, DiskShape shape, InputStream tar, Additions additions) throws IOException {
        try (Blocks blocks = Blocks.create(file, shape);
                NumbersByPath numbers = new NumbersByPath()) {
            var disk = new TreeDisk(shape, blocks, numbers, additions);
            TarReader reader = new TarReader(new BufferedInputStream(tar, CHUNK / 4));
            for (Optional<TarEntry> entry = reader.next(); entry.isPresent(); entry = reader.next()) {
                disk.put(entry.get(), reader);
            }
            disk.finish();
            blocks.finish();
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private void put(TarEntry entry, TarReader reader) throws IOException {
        String path = text(entry.path());
        if (path.isEmpty()) {
            if (!open.isEmpty() || entry.kind() != FileMeta.DIRECTORY) {
                throw new IOException("the archive of the tree has two roots");
            }
            enter(path, Ext4.ROOT_INODE, Ext4.ROOT_INODE, entry.meta());
            return;
        }
        String parent = path.substring(0, Math.max(0, path.lastIndexOf('/')));
        while (!open.isEmpty() && !open.peek().path().equals(parent)) {
            leave();
        }
        Open directory = open.peek();
        if (directory == null) {
            throw new IOException("the archive of the tree has a file without its directory");
        }
        byte[] name = path.substring(parent.isEmpty() ? 0 : parent.length() + 1).getBytes(StandardCharsets.ISO_8859_1);
        if (entry.isName()) {
            long number = numbers.get(entry.link());
            if (number == 0) {
                throw new IOException("the archive of the tree has a name for a file that is not there");
            }
            blocks.link(number);
            directory.names().add(name, number, kindOf(number));
            return;
        }
        long number = take();
        directory.names().add(name, number, entry.meta().kind());
        if (entry.kind() == FileMeta.DIRECTORY) {
            enter(path, number, directory.number(), entry.meta());
        } else {
            numbers.put(entry.path(), number);
            inode(number, entry.meta(), content(entry, reader), 1);
        }
    }

    private int kindOf(long number) throws IOException {
        return new FileMeta(blocks.mode(number), 0, 0, 0, 0, Map.of()).kind();
    }

    private long take() throws IOException {
        if (nextInode > shape.inodes() || nextInode - Ext4.FIRST_INODE >= shape.files()) {
            throw DiskFullException.tooManyFiles();
        }
        return nextInode++;
    }

    /** All times are one: a disk is the same whenever it is made. */
    private void inode(long number, FileMeta meta, InodeContent content, int links) throws IOException {
        Map<String, byte[]> attributes = meta.attributes().isEmpty()
                ? meta.attributes()
                : additions.attributes().apply(meta.attributes());
        FileTime time = new FileTime(meta.seconds(), meta.nanos());
        InodeRecord record = new InodeRecord()
                .mode(meta.mode())
                .owner((int) meta.uid(), (int) meta.gid())
                .links(links)
                .times(time, time, time)
                .content(content, Attributes.of(attributes), blocks);
        blocks.inode(record.bytes(), number);
    }

    private InodeContent content(TarEntry entry, TarReader reader) throws IOException {
        return switch (entry.kind()) {
            case FileMeta.REGULAR -> {
                var file = new FileBlocks(blocks);
                for (TarEntry.Piece piece : entry.data()) {
                    for (long done = 0; done < piece.length(); ) {
                        int some = (int) Math.min(CHUNK, piece.length() - done);
                        reader.read(chunk, some);
                        file.put(piece.offset() + done, chunk, some);
                        done += some;
                    }
                }
                yield file.finish(entry.size());
            }
            case FileMeta.LINK -> InodeContent.link(blocks, entry.link());
            case FileMeta.CHARACTER, FileMeta.BLOCK -> InodeContent.device(entry.major(), entry.minor());
            default -> InodeContent.NONE;
        };
    }

    private void enter(String path, long number, long parent, FileMeta meta) {
        directories[(int) ((number - 1) / shape.inodesPerGroup())]++;
        open.push(new Open(path, number, meta, new Directory(number, parent)));
    }

    private void leave() throws IOException {
        Open directory = open.pop();
        List<DeviceNode> more = additions.devices().getOrDefault(directory.path(), List.of());
        if (!more.isEmpty()) {
            Set<String> there = directory.names().names();
            for (DeviceNode node : more) {
                if (there.add(node.name())) {
                    long number = take();
                    byte[] name = node.name().getBytes(StandardCharsets.ISO_8859_1);
                    directory.names().add(name, number, node.meta().kind());
                    inode(number, node.meta(), InodeContent.device(node.major(), node.minor()), 1);
                }
            }
        }
        inode(
                directory.number(),
                directory.meta(),
                directory.names().write(blocks, hash),
                directory.names().links());
    }

    private void finish() throws IOException {
        if (open.isEmpty()) {
            throw new IOException("the archive of the tree is empty");
        }
        while (!open.isEmpty()) {
            leave();
        }
        new Description(shape, blocks.next(), nextInode, directories).write(blocks);
    }
}
