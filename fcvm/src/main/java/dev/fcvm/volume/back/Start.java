package dev.fcvm.volume.back;

import dev.fcvm.host.nodes.FileStatus;
import dev.fcvm.host.nodes.FileTime;
import dev.fcvm.host.nodes.NodeKind;
import dev.fcvm.host.text.RawText;
import dev.fcvm.volume.ext4.SourceNode;
import dev.fcvm.volume.ext4.SourceTree;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a directory was when it was copied: against this both sides are compared. Lies in a file of the host that no guest
 * sees.
 *
 * @param stamp what it was
 * @param inode its number in the image
 * @param inside when anything of it changed in the image
 * @param children what was in a directory, by name
 */
public record Start(Stamp stamp, int inode, FileTime inside, Map<String, Start> children) {

    private static final int MAGIC = 0x66637632;

    /** Of one by a former version, which knows no time inside: both are the same. */
    private static final int FORMER = 0x66637631;

    private static final int MOST_CHILDREN = 1 << 26;

    /** A directory in which there was nothing, and which was not there itself. */
    static final Start NOTHING = new Start(
            new Stamp(NodeKind.DIRECTORY, 0, 0, 0, 0, 0, 0, new FileTime(0, 0), new FileTime(0, 0)),
            0,
            new FileTime(0, 0),
            Map.of());

    /**
     * By what a change is noticed.
     *
     * @param kind what it is
     * @param mode the twelve lower bits of its mode
     * @param uid its owner
     * @param gid its group
     * @param size in bytes
     * @param inode its number on the host
     * @param links how many names it had
     * @param modified when its content changed
     * @param changed when anything of it changed
     */
    public record Stamp(
            NodeKind kind,
            int mode,
            int uid,
            int gid,
            long size,
            long inode,
            long links,
            FileTime modified,
            FileTime changed) {

        static Stamp of(FileStatus status) {
            return new Stamp(
                    status.kind(),
                    status.mode(),
                    status.uid(),
                    status.gid(),
                    status.size(),
                    status.inode(),
                    status.links(),
                    status.modified(),
                    status.changed());
        }
    }

    /** Returns what was under a name. */
    Optional<Start> find(String name) {
        return Optional.ofNullable(children.get(name));
    }

    /** Returns what a tree was when it was read. */
    public static Start of(SourceTree tree) {
        return of(tree.root());
    }

    private static Start of(SourceNode node) {
        Map<String, Start> children = HashMap.newHashMap(node.children().size());
        for (SourceNode.Named child : node.children()) {
            children.put(child.name(), of(child.node()));
        }
        FileStatus status = node.status();
        return new Start(Stamp.of(status), node.inode(), status.changed(), children);
    }

    /** Writes it down. */
    public void write(Path file) throws IOException {
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            out.writeInt(MAGIC);
            write(out);
        }
    }

    private void write(DataOutputStream out) throws IOException {
        out.writeShort(stamp.kind().bits());
        out.writeShort(stamp.mode());
        out.writeInt(stamp.uid());
        out.writeInt(stamp.gid());
        out.writeLong(stamp.size());
        out.writeLong(stamp.inode());
        out.writeLong(stamp.links());
        write(out, stamp.modified());
        write(out, stamp.changed());
        out.writeInt(inode);
        write(out, inside);
        out.writeInt(children.size());
        for (Map.Entry<String, Start> child : children.entrySet()) {
            byte[] name = RawText.encode(child.getKey());
            out.writeShort(name.length);
            out.write(name);
            child.getValue().write(out);
        }
    }

    private static void write(DataOutputStream out, FileTime time) throws IOException {
        out.writeLong(time.seconds());
        out.writeInt(time.nanos());
    }

    /** Reads it. */
    public static Start read(Path file) throws IOException {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            int magic = in.readInt();
            if (magic != MAGIC && magic != FORMER) {
                throw new IOException("it is no list of what a directory was");
            }
            return read(in, magic == FORMER);
        }
    }

    private static Start read(DataInputStream in, boolean former) throws IOException {
        NodeKind kind = NodeKind.of(in.readUnsignedShort())
                .orElseThrow(() -> new IOException("it is no list of what a directory was"));
        int mode = in.readUnsignedShort();
        int uid = in.readInt();
        int gid = in.readInt();
        long size = in.readLong();
        long hostInode = in.readLong();
        long links = in.readLong();
        FileTime modified = time(in);
        FileTime changed = time(in);
        int inode = in.readInt();
        FileTime inside = former ? changed : time(in);
        int count = in.readInt();
        if (count < 0 || count > MOST_CHILDREN) {
            throw new IOException("it is no list of what a directory was");
        }
        Map<String, Start> children = HashMap.newHashMap(count);
        for (int i = 0; i < count; i++) {
            String name = RawText.decode(ByteBuffer.wrap(in.readNBytes(in.readUnsignedShort())));
            children.put(name, read(in, former));
        }
        return new Start(
                new Stamp(kind, mode, uid, gid, size, hostInode, links, modified, changed), inode, inside, children);
    }

    private static FileTime time(DataInputStream in) throws IOException {
        return new FileTime(in.readLong(), in.readInt());
    }
}
