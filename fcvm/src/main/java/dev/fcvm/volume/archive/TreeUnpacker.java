package dev.fcvm.volume.archive;

import dev.fcvm.host.disk.FileMeta;
import dev.fcvm.host.disk.TarEntry;
import dev.fcvm.host.disk.TarReader;
import dev.fcvm.host.file.DiskUse;
import dev.fcvm.host.nodes.FileTime;
import dev.fcvm.host.nodes.NodeKind;
import dev.fcvm.host.nodes.OpenDirectory;
import dev.fcvm.host.nodes.OpenFile;
import dev.fcvm.host.nodes.OpenNode;
import dev.fcvm.host.text.RawText;
import dev.fcvm.host.user.Caller;
import dev.fcvm.settings.DataSize;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serial;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Puts what is in an archive into a directory of the host's. The archive comes from somebody who is not trusted: a name
 * leads nowhere but down, no link is followed, no device is made, and what would belong to another user, or run with a
 * user's rights or a capability, does not. What it makes belongs to whoever runs this process. A file whose data is
 * zeros takes no room.
 */
public final class TreeUnpacker implements AutoCloseable {

    private static final int PIECE = 1 << 18;
    private static final long LOOK_BYTES = 16L << 20;
    private static final int USUAL_DIRECTORY = 0755;

    /** Set-user-id, set-group-id: who unpacks is not who gave them, and would hand out rights of his own. */
    private static final int HARMLESS = 01777;

    private static final String USERS = "user.";

    private final TarReader archive;
    private final OpenDirectory into;
    private final Rules rules;
    private final Caller caller = Caller.ofProcess();
    private final Deque<Level> levels = new ArrayDeque<>();
    private final byte[] bytes = new byte[PIECE];
    private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
    private long unlooked = LOOK_BYTES;

    /**
     * How it is done.
     *
     * @param overwrite whether a file may take a directory's place, and a directory a file's
     * @param directories whether a directory may arrive, or but a file
     * @param where the directory, to look at what is free on its disk
     * @param floor what must stay free there
     */
    public record Rules(boolean overwrite, boolean directories, Path where, DataSize floor) {}

    /** A directory that is open; what is to be known of it, if the archive says, is set when it is left. */
    private record Level(String name, OpenDirectory directory, Optional<FileMeta> meta) {

        void leave() throws IOException {
            try (directory) {
                if (meta.isPresent()) {
                    TreeUnpacker.describe(directory, meta.get());
                }
            }
        }
    }

    private TreeUnpacker(InputStream archive, OpenDirectory into, Rules rules) {
        this.archive = new TarReader(new BufferedInputStream(archive, PIECE));
        this.into = into;
        this.rules = rules;
    }

    /**
     * Puts the one thing that is in an archive into a directory, under a name of the caller's: what it is called in the
     * archive does not matter.
     *
     * @throws IOException when there is more than one thing in it, or it is no such archive
     */
    public static void one(InputStream archive, OpenDirectory into, String name, Rules rules) throws IOException {
        try (var unpacker = new TreeUnpacker(archive, into, rules)) {
            unpacker.one(name);
        }
    }

    /** Puts what is in the one directory that is in an archive into another. */
    public static void contents(InputStream archive, OpenDirectory into, Rules rules) throws IOException {
        try (var unpacker = new TreeUnpacker(archive, into, rules)) {
            unpacker.contents();
        }
    }

    private void contents() throws IOException {
        Optional<TarEntry> first = archive.next();
        if (first.isEmpty()) {
            return; // all of it is left out, as of /proc
        }
        if (first.get().kind() != FileMeta.DIRECTORY) {
            throw new IOException("it is no directory");
        }
        byte[] top = first.get().path();
        ArchivePaths paths = top.length == 0 ? path -> path : new ArchivePaths.Below(ArchivePaths.top(top));
        for (Optional<TarEntry> entry = archive.next(); entry.isPresent(); entry = archive.next()) {
            put(entry.get(), paths);
        }
    }

    private void one(String name) throws IOException {
        Optional<TarEntry> first = archive.next();
        if (first.isEmpty()) {
            return; // a directory all of which is left out, as /proc is
        }
        boolean isDirectory = first.get().kind() == FileMeta.DIRECTORY;
        if (isDirectory && !rules.directories()) {
            throw new NotADirectory();
        }
        var renamed = new ArchivePaths.Renamed(ArchivePaths.top(first.get().path()), name);
        put(first.get(), renamed);
        for (Optional<TarEntry> entry = archive.next(); entry.isPresent(); entry = archive.next()) {
            if (!isDirectory || ArchivePaths.names(entry.get().path()).size() < 2) {
                throw new IOException(ArchivePaths.MORE);
            }
            put(entry.get(), renamed);
        }
    }

    private void put(TarEntry entry, ArchivePaths paths) throws IOException {
        List<String> here = paths.here(ArchivePaths.names(entry.path()));
        try {
            OpenDirectory directory = goTo(here.subList(0, here.size() - 1));
            String name = here.getLast();
            if (entry.isName()) {
                name(directory, name, paths.here(ArchivePaths.names(entry.link())));
            } else {
                make(directory, name, entry);
            }
        } catch (EOFException cut) {
            throw cut;
        } catch (AtPath known) {
            throw known;
        } catch (IOException failure) {
            throw new AtPath(String.join("/", here), failure);
        }
    }

    private void make(OpenDirectory directory, String name, TarEntry entry) throws IOException {
        FileMeta meta = entry.meta();
        switch (entry.kind()) {
            case FileMeta.DIRECTORY -> {
                Way.make(directory, name, true, rules.overwrite());
                if (directory.find(name).isEmpty()) {
                    directory.createDirectory(name);
                }
                enter(name, Optional.of(meta));
            }
            case FileMeta.REGULAR -> {
                Way.make(directory, name, false, rules.overwrite());
                try (OpenFile file = directory.createFile(name)) {
                    fill(file, entry);
                    describe(file, meta);
                }
            }
            case FileMeta.LINK -> {
                Way.make(directory, name, false, rules.overwrite());
                directory.createLink(name, RawText.decode(ByteBuffer.wrap(entry.link())));
                directory.setOwner(name, (int) caller.uid(), (int) caller.gid());
                directory.setTimes(name, time(meta), time(meta));
            }
            case FileMeta.FIFO -> {
                Way.make(directory, name, false, rules.overwrite());
                directory.createPipe(name, meta.mode() & 0666);
                directory.setTimes(name, time(meta), time(meta));
            }
            default -> {
                // A device is nobody's to bring onto this host; Podman leaves it out, too.
            }
        }
    }

    /** One more name of a file that came before. */
    private void name(OpenDirectory directory, String name, List<String> of) throws IOException {
        Deque<OpenDirectory> opened = new ArrayDeque<>();
        try {
            OpenDirectory at = into;
            for (String above : of.subList(0, of.size() - 1)) {
                at = at.directory(above);
                opened.push(at);
            }
            if (at.find(of.getLast())
                    .filter(known -> known.kind() == NodeKind.FILE)
                    .isEmpty()) {
                return; // of a device, which was left out, or of what never came
            }
            Way.make(directory, name, false, rules.overwrite());
            directory.createName(name, at, of.getLast());
        } finally {
            opened.forEach(OpenDirectory::close);
        }
    }

    /** Goes to a directory below the one all goes into; makes what is not there. */
    private OpenDirectory goTo(List<String> path) throws IOException {
        int same = 0;
        for (Iterator<Level> from = levels.descendingIterator(); from.hasNext(); same++) {
            if (same >= path.size() || !from.next().name().equals(path.get(same))) {
                break;
            }
        }
        leaveTo(same);
        for (String name : path.subList(same, path.size())) {
            OpenDirectory at = here();
            if (at.find(name).isEmpty()) {
                at.createDirectory(name);
                try (OpenDirectory made = at.directory(name)) {
                    made.setMode(USUAL_DIRECTORY);
                }
            }
            enter(name, Optional.empty());
        }
        return here();
    }

    private OpenDirectory here() {
        Level last = levels.peek();
        return last == null ? into : last.directory();
    }

    private void enter(String name, Optional<FileMeta> meta) throws IOException {
        OpenDirectory opened = here().directory(name);
        levels.push(new Level(name, opened, meta));
        if (meta.isPresent()) {
            opened.setOwner((int) caller.uid(), (int) caller.gid());
        }
    }

    private void leaveTo(int depth) throws IOException {
        while (levels.size() > depth) {
            levels.pop().leave();
        }
    }

    private void fill(OpenFile file, TarEntry entry) throws IOException {
        long free = 0;
        for (TarEntry.Piece data : entry.data()) {
            if (data.offset() < free || data.length() < 0 || data.length() > entry.size() - data.offset()) {
                throw new IOException("the list of its pieces is damaged");
            }
            for (long done = 0; done < data.length(); ) {
                int count = (int) Math.min(PIECE, data.length() - done);
                archive.read(bytes, count);
                if (!isZero(count)) {
                    look(count);
                    file.write(piece.clear().put(bytes, 0, count).flip(), data.offset() + done);
                }
                done += count;
            }
            free = data.offset() + data.length();
        }
        file.setSize(entry.size());
    }

    private boolean isZero(int count) {
        for (int at = 0; at < count; at++) {
            if (bytes[at] != 0) {
                return false;
            }
        }
        return true;
    }

    private void look(int count) throws IOException {
        unlooked += count;
        if (unlooked >= LOOK_BYTES) {
            long free = DiskUse.free(rules.where());
            if (free - LOOK_BYTES < rules.floor().bytes()) {
                throw new IOException("there is no room for it: " + new DataSize(free) + " are free, of which "
                        + rules.floor() + " must stay so (FCVM_DISK_FLOOR)");
            }
            unlooked = 0;
        }
    }

    private void describe(OpenFile file, FileMeta meta) throws IOException {
        file.setOwner((int) caller.uid(), (int) caller.gid());
        TreeUnpacker.describe((OpenNode) file, meta);
    }

    private static void describe(OpenNode node, FileMeta meta) throws IOException {
        for (Map.Entry<String, byte[]> attribute : meta.attributes().entrySet()) {
            if (attribute.getKey().startsWith(USERS)) {
                byte[] name = attribute.getKey().getBytes(StandardCharsets.ISO_8859_1);
                node.setAttribute(RawText.decode(ByteBuffer.wrap(name)), attribute.getValue());
            }
        }
        node.setMode(meta.mode() & HARMLESS);
        node.setTimes(time(meta), time(meta));
    }

    private static FileTime time(FileMeta meta) {
        return new FileTime(meta.seconds(), meta.nanos());
    }

    /** Sets what is to be known of the directories that are still open. */
    @Override
    public void close() throws IOException {
        IOException first = null;
        while (!levels.isEmpty()) {
            try {
                levels.pop().leave();
            } catch (IOException failure) {
                first = first == null ? failure : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }

    /** A directory came where but a file can be. */
    public static final class NotADirectory extends IOException {

        @Serial
        private static final long serialVersionUID = 1L;

        NotADirectory() {
            super("destination must be a directory when copying a directory");
        }
    }
}
