package dev.fcvm.volume.sftp;

import dev.fcvm.host.tree.ConfinedTree.Opening;
import dev.fcvm.host.tree.FileStatus;
import dev.fcvm.host.tree.Space;
import dev.fcvm.host.tree.TreeException;
import dev.fcvm.host.tree.TreeFile;
import dev.fcvm.host.tree.TreeListing;
import dev.fcvm.host.tree.TreeNode;
import dev.fcvm.host.tree.TreePath;
import java.util.List;

/** Does what single requests ask, and writes the answers; they are sent by the caller. */
final class Requests implements SftpServer.Answers {

    private static final int USUAL_DIRECTORY = 0777;

    private final ServedTree tree;
    private final OpenFiles open;
    private final Identities identities;
    private final PacketWriter out;

    Requests(ServedTree tree, OpenFiles open, Identities identities, PacketWriter out) {
        this.tree = tree;
        this.open = open;
        this.identities = identities;
        this.out = out;
    }

    @Override
    public void answer(int type, int id, PacketReader in, byte[] packet) throws MalformedPacket, TreeException {
        switch (type) {
            case Sftp.OPEN -> open(id, in);
            case Sftp.CLOSE -> {
                open.close(in.string());
                status(out, id, Sftp.OK);
            }
            case Sftp.READ -> read(id, in);
            case Sftp.WRITE -> write(id, in, packet);
            // Nobody follows a link here: the guest's kernel has read it, and asks for what it found.
            case Sftp.LSTAT, Sftp.STAT -> attributes(id, in.path());
            case Sftp.FSTAT -> {
                out.begin(Sftp.ATTRIBUTES, id);
                Attributes.write(open.file(in.string()).status(), identities, out);
            }
            case Sftp.SETSTAT -> setStatus(id, in);
            case Sftp.FSETSTAT -> setFileStatus(id, in);
            case Sftp.OPENDIR -> openDirectory(id, in.path());
            case Sftp.READDIR -> readDirectory(id, open.listing(in.string()));
            case Sftp.REMOVE -> done(id, in.path(), tree::remove);
            case Sftp.RMDIR -> done(id, in.path(), tree::removeDirectory);
            case Sftp.MKDIR -> {
                TreePath path = in.path();
                int mode = Attributes.read(in).modeOr(USUAL_DIRECTORY);
                done(id, path, made -> tree.makeDirectory(made, mode));
            }
            case Sftp.RENAME -> rename(id, in, false);
            case Sftp.READLINK -> readLink(id, in.path());
            case Sftp.SYMLINK -> {
                // OpenSSH's order, which every client knows: what it points at comes first.
                byte[] target = in.string();
                done(id, in.path(), path -> tree.symlink(target, path));
            }
            case Sftp.REALPATH -> realPath(id, in.path());
            case Sftp.EXTENDED -> extended(id, in);
            default -> status(out, id, Sftp.UNSUPPORTED);
        }
    }

    private interface Change {
        void make(TreePath path) throws TreeException;
    }

    private void done(int id, TreePath path, Change change) throws TreeException {
        change.make(path);
        status(out, id, Sftp.OK);
    }

    private void extended(int id, PacketReader in) throws MalformedPacket, TreeException {
        switch (in.word()) {
            case Sftp.POSIX_RENAME -> rename(id, in, true);
            case Sftp.HARDLINK -> {
                TreePath from = in.path();
                done(id, in.path(), to -> tree.link(from, to));
            }
            case Sftp.FSYNC -> {
                open.file(in.string()).force();
                status(out, id, Sftp.OK);
            }
            case Sftp.STATVFS -> space(id, tree.space(in.path()));
            case Sftp.REOPEN -> reopen(id, in);
            default -> status(out, id, Sftp.UNSUPPORTED);
        }
    }

    private void open(int id, PacketReader in) throws MalformedPacket, TreeException {
        TreePath path = in.path();
        int flags = in.number();
        Attributes wanted = Attributes.read(in);
        open.refuseTooMany();
        byte[] handle = handle(id, tree.open(path, opening(flags, wanted.fileMode())), open::add);
        if (wanted.look()) {
            boolean looked = false;
            try {
                look(open.file(handle), (flags & Sftp.OPEN_WRITE) == 0);
                looked = true;
            } finally {
                if (!looked) {
                    open.close(handle);
                }
            }
        }
    }

    /** Adds to an answer what whoever opens a file asks for next: what it is, and all of it where that is little. */
    private void look(TreeFile file, boolean content) throws TreeException {
        FileStatus status = file.status();
        int before = out.length();
        out.number(0);
        Attributes.write(status, identities, out);
        out.put(before, out.length() - before - Integer.BYTES);
        if (content && status.size() > 0 && status.size() <= Sftp.LONGEST_LOOK) {
            int length = (int) status.size();
            out.room(length);
            int count = file.read(0, out.bytes(), out.length(), length);
            // Less is no content: it is being changed.
            out.added(count == length ? count : 0);
        }
    }

    private static Opening opening(int flags, int mode) {
        boolean write = (flags & (Sftp.OPEN_WRITE | Sftp.OPEN_APPEND)) != 0;
        return new Opening(
                (flags & Sftp.OPEN_READ) != 0 || !write,
                write,
                (flags & Sftp.OPEN_APPEND) != 0,
                (flags & Sftp.OPEN_CREATE) != 0,
                (flags & Sftp.OPEN_EXCLUSIVE) != 0,
                (flags & Sftp.OPEN_TRUNCATE) != 0,
                mode);
    }

    /** Opens what was open before, as it is: nothing is made, and nothing cut. */
    private void reopen(int id, PacketReader in) throws MalformedPacket, TreeException {
        byte[] handle = in.string();
        TreePath path = in.path();
        int flags = in.number() & (Sftp.OPEN_READ | Sftp.OPEN_WRITE | Sftp.OPEN_APPEND);
        open.refuseTooMany();
        handle(id, tree.open(path, opening(flags, 0)), file -> {
            open.again(handle, file);
            return handle;
        });
    }

    private interface Keeping<T> {
        byte[] keep(T opened) throws TreeException;
    }

    private <T extends AutoCloseable> byte[] handle(int id, T opened, Keeping<T> keeping) throws TreeException {
        byte[] handle;
        boolean kept = false;
        try {
            handle = keeping.keep(opened);
            kept = true;
        } finally {
            if (!kept) {
                close(opened);
            }
        }
        out.begin(Sftp.HANDLE, id).string(handle);
        return handle;
    }

    private static void close(AutoCloseable opened) throws TreeException {
        switch (opened) {
            case TreeFile file -> file.close();
            case TreeListing listing -> listing.close();
            default -> throw new IllegalStateException("something open that nobody knows");
        }
    }

    private void read(int id, PacketReader in) throws MalformedPacket, TreeException {
        TreeFile file = open.file(in.string());
        long offset = in.wide();
        int length = (int) Math.min(in.unsigned(), Sftp.LONGEST_READ);
        out.begin(Sftp.DATA, id).number(0);
        int begin = out.length();
        out.room(length);
        int count = file.read(offset, out.bytes(), begin, length);
        if (count == 0 && length > 0) {
            status(out, id, Sftp.END);
            return;
        }
        out.added(count);
        out.put(begin - Integer.BYTES, count);
    }

    private void write(int id, PacketReader in, byte[] packet) throws MalformedPacket, TreeException {
        TreeFile file = open.file(in.string());
        long offset = in.wide();
        PacketReader.Span data = in.span();
        tree.refuseReadOnly();
        tree.refuseBeyond(offset, data.length());
        file.write(offset, packet, data.start(), data.length());
        status(out, id, Sftp.OK);
    }

    private void attributes(int id, TreePath path) throws TreeException {
        var status = tree.status(path);
        out.begin(Sftp.ATTRIBUTES, id);
        Attributes.write(status, identities, out);
    }

    private void setStatus(int id, PacketReader in) throws MalformedPacket, TreeException {
        TreePath path = in.path();
        Attributes wanted = Attributes.read(in);
        try (TreeNode node = tree.change(path)) {
            wanted.apply(node, identities);
        }
        status(out, id, Sftp.OK);
    }

    private void setFileStatus(int id, PacketReader in) throws MalformedPacket, TreeException {
        TreeFile file = open.file(in.string());
        Attributes wanted = Attributes.read(in);
        tree.refuseReadOnly();
        tree.refuseFixed();
        // By the open file: who has opened it may write to it, whatever its permissions are by now.
        if (wanted.size().isPresent()) {
            file.cut(wanted.size().getAsLong());
        }
        try (TreeNode node = file.node()) {
            wanted.withoutSize().apply(node, identities);
        }
        status(out, id, Sftp.OK);
    }

    private void openDirectory(int id, TreePath path) throws TreeException {
        open.refuseTooMany();
        handle(id, tree.list(path), open::add);
    }

    private void readDirectory(int id, TreeListing listing) throws TreeException {
        List<TreeListing.Entry> entries = listing.next();
        if (entries.isEmpty()) {
            status(out, id, Sftp.END);
            return;
        }
        List<TreeListing.Entry> shown = tree.shown(entries);
        out.begin(Sftp.NAME, id).number(shown.size());
        for (TreeListing.Entry entry : shown) {
            out.string(entry.name()).string("");
            Attributes.write(entry.status(), identities, out);
        }
    }

    private void rename(int id, PacketReader in, boolean replace) throws MalformedPacket, TreeException {
        TreePath from = in.path();
        done(id, in.path(), to -> tree.rename(from, to, replace));
    }

    private void readLink(int id, TreePath path) throws TreeException {
        byte[] target = tree.target(path);
        out.begin(Sftp.NAME, id).number(1).string(target).string("").number(0);
    }

    private void realPath(int id, TreePath path) throws TreeException {
        tree.status(path);
        out.begin(Sftp.NAME, id).number(1).string(path.bytes()).string("").number(0);
    }

    private void space(int id, Space space) {
        out.begin(Sftp.EXTENDED_REPLY, id).wide(space.blockSize()).wide(space.blockSize());
        out.wide(space.blocks()).wide(space.free()).wide(space.available());
        out.wide(space.files()).wide(space.freeFiles()).wide(space.freeFiles());
        out.wide(space.identity()).wide(0).wide(space.longestName());
    }

    /** Writes a status instead of whatever was begun. */
    static void status(PacketWriter out, int id, int status) {
        out.begin(Sftp.STATUS, id).number(status).string("").string("");
    }
}
