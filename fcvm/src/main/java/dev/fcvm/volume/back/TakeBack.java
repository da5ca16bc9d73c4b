package dev.fcvm.volume.back;

import dev.fcvm.error.IoReason;
import dev.fcvm.host.nodes.FileStatus;
import dev.fcvm.host.nodes.NodeKind;
import dev.fcvm.host.nodes.OpenDirectory;
import dev.fcvm.volume.ext4.ImageNode;
import dev.fcvm.volume.ext4.ImageReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Brings what a container changed in its copy of a directory back into the directory. Each name is compared three ways:
 * what it was at the start, what it is in the machine, what it is on the host. What both have changed is kept twice.
 */
public final class TakeBack {

    /** Deeper than anybody's directories; a guest's may be as deep as its disk is large. */
    private static final int DEEPEST = 400;

    private final ImageReader image;
    private final Path root;
    private final Owners owners;
    private final int uid;
    private final int gid;
    private final BackReport report = new BackReport();
    private final Aside aside;
    private final LinkPlaces places;
    private final Settling settling;
    private final Set<Integer> visited = new HashSet<>();

    /** What the names of the directories on the way to the one at hand take of memory. */
    private long held;

    private TakeBack(ImageReader image, Path root, String machine, Owners owners, int uid, int gid) {
        this.image = image;
        this.root = root;
        this.owners = owners;
        this.uid = uid;
        this.gid = gid;
        this.aside = new Aside(image, owners, uid, gid, machine, report);
        this.places = new LinkPlaces(root);
        this.settling = new Settling(aside, places, report);
    }

    /**
     * Brings it back.
     *
     * @param image what the machine left
     * @param start what the directory was
     * @param root the directory
     * @param machine the beginning of the machine's id
     * @param owners who owns what
     * @param uid this process's user
     * @param gid this process's group
     * @throws IOException when it cannot be done to its end; it may be tried again from the beginning
     */
    public static BackReport run(
            ImageReader image, Start start, Path root, String machine, Owners owners, int uid, int gid)
            throws IOException {
        var back = new TakeBack(image, root, machine, owners, uid, gid);
        try (Settling settling = back.settling) {
            ImageNode node = image.root();
            back.visited.add(node.inode());
            back.walk(OpenDirectory.open(root), node, start, Optional.of(start), new ArrayDeque<>());
            settling.end();
        }
        return back.report;
    }

    /**
     * The same for a single file.
     *
     * @param name what it is called in the image
     * @param file what it is on the host
     */
    public static BackReport single(
            ImageReader image, String name, Start start, Path file, String machine, Owners owners, int uid, int gid)
            throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        Path directory = parent == null ? Path.of("/") : parent;
        var back = new TakeBack(image, directory, machine, owners, uid, gid);
        Integer inode = image.names(image.root()).get(name);
        if (inode == null) {
            return back.report; // what a container cannot do to a file that is mounted by itself
        }
        ImageNode node = image.node(inode);
        if (node.kind() == NodeKind.FILE) {
            try (OpenDirectory host = OpenDirectory.open(directory);
                    Settling settling = back.settling) {
                String there = String.valueOf(file.getFileName());
                boolean touched = back.merge(host, there, Optional.of(node), start.find(name), new ArrayDeque<>());
                settling.leave(host, touched, () -> {});
                settling.end();
            }
        }
        return back.report;
    }

    /** Returns what the next comparison is with, after {@link #run}, of a machine that goes on. */
    public static Start next(ImageReader image, Start start, Path root) throws IOException {
        return new NextStart(image).of(start, root);
    }

    /** The same after {@link #single}. */
    public static Start next(ImageReader image, String name, Start start, Path file) throws IOException {
        return new NextStart(image).of(name, start, file);
    }

    /** Returns whether there is nothing to bring back: the machine changed nothing that is in the directory. */
    public static boolean isEmpty(ImageReader image, Start start) throws IOException {
        return Changes.areNone(image, image.root(), start);
    }

    /** Goes through a directory, which is closed when all in it has its name. */
    private void walk(OpenDirectory host, ImageNode guest, Start start, Optional<Start> before, Deque<String> path)
            throws IOException {
        boolean touched = true;
        boolean whole = false;
        try {
            touched = merge(host, guest, start, path);
            whole = true;
        } finally {
            if (!whole) {
                settling.abandon(host);
            }
        }
        String shown = shown(path, "");
        settling.leave(host, touched, () -> own(host, guest, before, shown));
    }

    /** Returns whether the directory itself has changed. */
    private boolean merge(OpenDirectory host, ImageNode guest, Start start, Deque<String> path) throws IOException {
        if (path.size() > DEEPEST) {
            report.tell(shown(path, ""), "directories this deep do not come back");
            return false;
        }
        Map<String, Integer> names = image.names(guest);
        long weight = names.keySet().stream().mapToLong(ImageReader::weight).sum();
        held += weight;
        if (held > ImageReader.MOST_NAMES) {
            throw new IOException(shown(path, "") + ": more names than can be taken out of a machine");
        }
        boolean touched = merge(host, names, start, path);
        held -= weight;
        return touched;
    }

    private boolean merge(OpenDirectory host, Map<String, Integer> names, Start start, Deque<String> path)
            throws IOException {
        Set<String> all = new LinkedHashSet<>(names.keySet());
        all.addAll(start.children().keySet());
        boolean touched = false;
        for (String name : all) {
            if (aside.isOne(name)) {
                continue;
            }
            try {
                Optional<ImageNode> node =
                        names.containsKey(name) ? Optional.of(image.node(names.get(name))) : Optional.empty();
                touched |= merge(host, name, node, start.find(name), path);
            } catch (IOException failure) {
                throw new IOException(shown(path, name) + ": " + IoReason.of(failure), failure);
            }
        }
        return touched;
    }

    /** Returns whether the directory itself has changed. */
    private boolean merge(
            OpenDirectory host, String name, Optional<ImageNode> guest, Optional<Start> start, Deque<String> path)
            throws IOException {
        Optional<FileStatus> there = host.find(name);
        boolean directoryThere = is(there.map(FileStatus::kind), NodeKind.DIRECTORY);
        if (is(guest.map(ImageNode::kind), NodeKind.DIRECTORY)) {
            return directory(host, name, guest.orElseThrow(), start, there, path);
        }
        if (directoryThere) {
            return overDirectory(host, name, guest, start, there, path);
        }
        return plain(host, name, guest, start, there, path);
    }

    private static boolean is(Optional<NodeKind> kind, NodeKind wanted) {
        return kind.filter(one -> one == wanted).isPresent();
    }

    private boolean directory(
            OpenDirectory host,
            String name,
            ImageNode guest,
            Optional<Start> start,
            Optional<FileStatus> there,
            Deque<String> path)
            throws IOException {
        if (!visited.add(guest.inode())) {
            throw new IOException("the directory is in two places, which no file system has");
        }
        Optional<Start> before = start.filter(one -> one.stamp().kind() == NodeKind.DIRECTORY);
        if (is(there.map(FileStatus::kind), NodeKind.DIRECTORY)) {
            into(host, name, guest, before, path);
            return false;
        }
        if (there.isEmpty()) {
            if (before.isPresent() && Changes.areNone(image, guest, before.get())) {
                return false; // deleted here, untouched there
            }
            if (before.isPresent()) {
                report.tell(shown(path, name), "was deleted here and changed in the machine: it is back");
            }
            host.createDirectory(name);
            into(host, name, guest, Optional.empty(), path);
            report.changed();
            return true;
        }
        if (start.isPresent() && !Changes.ofHost(there, start)) {
            host.delete(name, there.get().kind());
            host.createDirectory(name);
            into(host, name, guest, Optional.empty(), path);
            report.changed();
            return true;
        }
        String other = aside.free(host, name);
        report.tellBoth(shown(path, name), other);
        host.createDirectory(other);
        into(host, other, guest, Optional.empty(), path);
        report.changed();
        return true;
    }

    private void into(OpenDirectory host, String name, ImageNode guest, Optional<Start> before, Deque<String> path)
            throws IOException {
        path.addLast(name);
        try {
            walk(host.directory(name), guest, before.orElse(Start.NOTHING), before, path);
        } finally {
            path.removeLast();
        }
    }

    /** A directory's own mode, owner, attributes and times. */
    private void own(OpenDirectory host, ImageNode guest, Optional<Start> before, String path) throws IOException {
        boolean same = before.isPresent()
                && guest.changed().equals(before.get().inside())
                && guest.inode() == before.get().inode();
        if (same) {
            return;
        }
        if (before.isPresent()) {
            Start.Stamp stamp = before.get().stamp();
            boolean ownedAlike =
                    owners.inside(stamp.uid(), uid) == guest.uid() && owners.inside(stamp.gid(), gid) == guest.gid();
            FileStatus now = host.status();
            boolean changedHere = now.mode() != stamp.mode() || now.uid() != stamp.uid() || now.gid() != stamp.gid();
            if (changedHere && !(ownedAlike && guest.mode() == stamp.mode())) {
                report.tell(path, "its mode or owner was changed on both sides: what it is here stays");
                return;
            }
            if (changedHere) {
                return;
            }
        }
        aside.dress(host, guest, path, before.map(Start::stamp));
    }

    /** The host has a directory where the machine has none. */
    private boolean overDirectory(
            OpenDirectory host,
            String name,
            Optional<ImageNode> guest,
            Optional<Start> start,
            Optional<FileStatus> there,
            Deque<String> path)
            throws IOException {
        if (!Changes.ofGuest(guest, start)) {
            return false;
        }
        boolean gone = false;
        if (is(start.map(one -> one.stamp().kind()), NodeKind.DIRECTORY)) {
            gone = remove(host, name, start.orElseThrow(), path);
        }
        if (gone) {
            report.changed();
            if (guest.isPresent()) {
                plain(host, name, guest, Optional.empty(), Optional.empty(), path);
            }
            return true;
        }
        if (guest.isEmpty()) {
            return false;
        }
        return place(host, name, guest.get(), start, there, ThreeWay.BOTH, path);
    }

    /** Removes what is in a directory as it was at the start, and the directory when nothing else is in it. */
    private boolean remove(OpenDirectory host, String name, Start start, Deque<String> path) throws IOException {
        path.addLast(name);
        boolean empty = true;
        try (OpenDirectory below = host.directory(name)) {
            for (String child : below.names()) {
                FileStatus status = below.status(child);
                Optional<Start> before = start.find(child);
                boolean removed = false;
                if (status.kind() == NodeKind.DIRECTORY) {
                    removed = is(before.map(one -> one.stamp().kind()), NodeKind.DIRECTORY)
                            && remove(below, child, before.orElseThrow(), path);
                } else if (before.isPresent() && !Changes.ofHost(Optional.of(status), before)) {
                    below.delete(child, status.kind());
                    removed = true;
                }
                if (!removed) {
                    empty = false;
                    if (status.kind() != NodeKind.DIRECTORY) {
                        report.tell(shown(path, child), "was deleted in the machine and changed here: it stays");
                    }
                }
            }
        } finally {
            path.removeLast();
        }
        if (empty) {
            host.delete(name, NodeKind.DIRECTORY);
        }
        return empty;
    }

    private boolean plain(
            OpenDirectory host,
            String name,
            Optional<ImageNode> guest,
            Optional<Start> start,
            Optional<FileStatus> there,
            Deque<String> path)
            throws IOException {
        boolean guestChanged = Changes.ofGuest(guest, start);
        boolean hostChanged = Changes.ofHost(there, start);
        ThreeWay verdict = ThreeWay.decide(guestChanged, guest.isPresent(), hostChanged, there.isPresent());
        if (verdict == ThreeWay.KEEP) {
            if (guest.isPresent() && there.isPresent() && guest.get().links() > 1 && !hostChanged) {
                places.remember(guest.get(), path, name);
            }
            return false;
        }
        if (verdict == ThreeWay.SPARE) {
            report.tell(shown(path, name), "was deleted in the machine and changed here: it stays");
            return false;
        }
        if (verdict == ThreeWay.DELETE) {
            host.delete(name, there.orElseThrow().kind());
            report.changed();
            return true;
        }
        if (verdict == ThreeWay.RESTORE) {
            report.tell(shown(path, name), "was deleted here and changed in the machine: it is back");
        }
        return place(host, name, guest.orElseThrow(), start, there, verdict, path);
    }

    private boolean place(
            OpenDirectory host,
            String name,
            ImageNode guest,
            Optional<Start> start,
            Optional<FileStatus> there,
            ThreeWay verdict,
            Deque<String> path)
            throws IOException {
        if (verdict == ThreeWay.BOTH && settling.isThere(host, path, guest, name, shown(path, name), there)) {
            return false;
        }
        boolean now = settling.begin(host);
        Optional<String> written = places.link(host, guest, aside.name());
        if (written.isEmpty()) {
            written = aside.write(host, guest, shown(path, name), start, now);
        }
        if (written.isEmpty()) {
            return false;
        }
        Optional<FileStatus> expected = verdict == ThreeWay.BOTH ? Optional.empty() : there;
        settling.name(host, path, guest, written.get(), name, shown(path, name), expected);
        report.changed();
        return true;
    }

    private String shown(Deque<String> path, String name) {
        StringBuilder whole = new StringBuilder(root.toString());
        path.forEach(part -> whole.append('/').append(part));
        return name.isEmpty()
                ? whole.toString()
                : whole.append('/').append(name).toString();
    }
}
