package dev.fcvm.volume.back;

import dev.fcvm.error.IoReason;
import dev.fcvm.host.RawText;
import dev.fcvm.host.nodes.FileStatus;
import dev.fcvm.host.nodes.NodeKind;
import dev.fcvm.host.nodes.OpenDirectory;
import dev.fcvm.volume.ext4.ImageNode;
import dev.fcvm.volume.ext4.ImageReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
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

    private static final String NAMED_ALIKE = ".fcvm-";
    private static final int LONGEST_NAME = 255;

    private final ImageReader image;
    private final Path root;
    private final String machine;
    private final Owners owners;
    private final int uid;
    private final int gid;
    private final BackReport report = new BackReport();
    private final Aside aside;
    /** Where the content of an inode with several names has been put, or is already. */
    private final Map<Integer, Deque<String>> places = new HashMap<>();

    private final Set<Integer> visited = new HashSet<>();

    private TakeBack(ImageReader image, Path root, String machine, Owners owners, int uid, int gid) {
        this.image = image;
        this.root = root;
        this.machine = machine;
        this.owners = owners;
        this.uid = uid;
        this.gid = gid;
        this.aside = new Aside(image, owners, uid, gid, machine, report);
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
        try (OpenDirectory directory = OpenDirectory.open(root)) {
            ImageNode node = image.root();
            back.visited.add(node.inode());
            back.merge(directory, node, start, new ArrayDeque<>());
            back.own(directory, node, Optional.of(start), "");
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
        try (OpenDirectory host = OpenDirectory.open(directory)) {
            ImageNode node = image.node(inode);
            String there = String.valueOf(file.getFileName());
            if (node.kind() == NodeKind.FILE
                    && back.merge(host, there, Optional.of(node), start.find(name), new ArrayDeque<>())) {
                host.sync();
            }
        }
        return back.report;
    }

    private void merge(OpenDirectory host, ImageNode guest, Start start, Deque<String> path) throws IOException {
        if (path.size() > DEEPEST) {
            report.tell(shown(path, ""), "directories this deep do not come back");
            return;
        }
        Map<String, Integer> names = image.names(guest);
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
        if (touched) {
            host.sync();
        }
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
            if (before.isPresent() && isAsAtStart(guest, before.get())) {
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
        if (start.isPresent() && !hostChanged(there, start)) {
            host.delete(name, there.get().kind());
            host.createDirectory(name);
            into(host, name, guest, Optional.empty(), path);
            report.changed();
            return true;
        }
        String other = free(host, name);
        tellBoth(path, name, other);
        host.createDirectory(other);
        into(host, other, guest, Optional.empty(), path);
        report.changed();
        return true;
    }

    private void into(OpenDirectory host, String name, ImageNode guest, Optional<Start> before, Deque<String> path)
            throws IOException {
        path.addLast(name);
        try (OpenDirectory below = host.directory(name)) {
            merge(below, guest, before.orElse(Start.NOTHING), path);
            own(below, guest, before, shown(path, ""));
        } finally {
            path.removeLast();
        }
    }

    /** A directory's own mode, owner, attributes and times. */
    private void own(OpenDirectory host, ImageNode guest, Optional<Start> before, String path) throws IOException {
        boolean same = before.isPresent()
                && guest.changed().equals(before.get().stamp().changed())
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

    private boolean isAsAtStart(ImageNode directory, Start start) throws IOException {
        Map<String, Integer> names = image.names(directory);
        if (!names.keySet().equals(start.children().keySet())) {
            return false;
        }
        for (Map.Entry<String, Integer> entry : names.entrySet()) {
            ImageNode node = image.node(entry.getValue());
            Start before = start.find(entry.getKey()).orElseThrow();
            boolean below = node.kind() == NodeKind.DIRECTORY && before.stamp().kind() == NodeKind.DIRECTORY;
            if (below ? !isAsAtStart(node, before) : guestChanged(Optional.of(node), Optional.of(before))) {
                return false;
            }
        }
        return true;
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
        if (!guestChanged(guest, start)) {
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
                } else if (before.isPresent() && !hostChanged(Optional.of(status), before)) {
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
        boolean guestChanged = guestChanged(guest, start);
        boolean hostChanged = hostChanged(there, start);
        ThreeWay verdict = ThreeWay.decide(guestChanged, guest.isPresent(), hostChanged, there.isPresent());
        if (verdict == ThreeWay.KEEP) {
            if (guest.isPresent() && there.isPresent() && guest.get().links() > 1 && !hostChanged) {
                remember(guest.get(), path, name);
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
        Optional<String> written = linked(host, guest);
        if (written.isEmpty()) {
            written = aside.write(host, guest, shown(path, name), start);
        }
        if (written.isEmpty()) {
            return false;
        }
        String last = settle(host, written.get(), name, verdict == ThreeWay.BOTH ? Optional.empty() : there, path);
        if (guest.links() > 1) {
            remember(guest, path, last);
        }
        report.changed();
        return true;
    }

    /**
     * Gives what was written its name, unless somebody has changed what is there since we looked.
     *
     * @param expected what may be replaced
     * @return the name it has got
     */
    private String settle(
            OpenDirectory host, String written, String name, Optional<FileStatus> expected, Deque<String> path)
            throws IOException {
        if (expected.isEmpty()) {
            if (host.rename(written, name)) {
                return name;
            }
        } else {
            host.exchange(written, name);
            FileStatus replaced = host.status(written);
            if (Aside.same(replaced, expected.get())) {
                host.delete(written, replaced.kind());
                return name;
            }
            host.exchange(written, name);
        }
        while (true) {
            String other = free(host, name);
            if (host.rename(written, other)) {
                tellBoth(path, name, other);
                return other;
            }
        }
    }

    /** A file that has come back under another name already gets this one as well. */
    private Optional<String> linked(OpenDirectory host, ImageNode guest) {
        Deque<String> place = guest.links() > 1 ? places.get(guest.inode()) : null;
        if (place == null) {
            return Optional.empty();
        }
        Deque<String> directories = new ArrayDeque<>(place);
        String last = directories.removeLast();
        String name = aside.name();
        Deque<OpenDirectory> opened = new ArrayDeque<>();
        try {
            opened.push(OpenDirectory.open(root));
            for (String directory : directories) {
                opened.push(opened.element().directory(directory));
            }
            host.createName(name, opened.element(), last);
            return Optional.of(name);
        } catch (IOException notLinked) {
            // Somebody moved it, or the file system has no such links: it becomes a file of its own.
            return Optional.empty();
        } finally {
            opened.forEach(OpenDirectory::close);
        }
    }

    private void remember(ImageNode guest, Deque<String> path, String name) {
        Deque<String> place = new ArrayDeque<>(path);
        place.addLast(name);
        places.putIfAbsent(guest.inode(), place);
    }

    private static boolean guestChanged(Optional<ImageNode> guest, Optional<Start> start) {
        if (guest.isEmpty() || start.isEmpty()) {
            return guest.isPresent() || start.isPresent();
        }
        ImageNode now = guest.get();
        Start.Stamp then = start.get().stamp();
        return now.inode() != start.get().inode()
                || now.kind() != then.kind()
                || !now.changed().equals(then.changed())
                || !now.modified().equals(then.modified())
                || (now.kind() == NodeKind.FILE && now.size() != then.size());
    }

    private static boolean hostChanged(Optional<FileStatus> there, Optional<Start> start) {
        if (there.isEmpty() || start.isEmpty()) {
            return there.isPresent() || start.isPresent();
        }
        FileStatus now = there.get();
        Start.Stamp then = start.get().stamp();
        if (now.kind() != then.kind()) {
            return true;
        }
        // With several names, the time of its last change also moves when we put something else under one of them.
        boolean touched = then.links() == 1
                && now.kind() == NodeKind.FILE
                && !now.changed().equals(then.changed());
        return touched
                || now.inode() != then.inode()
                || now.size() != then.size()
                || now.mode() != then.mode()
                || now.uid() != then.uid()
                || now.gid() != then.gid()
                || !now.modified().equals(then.modified());
    }

    private String free(OpenDirectory host, String name) throws IOException {
        for (int attempt = 0; ; attempt++) {
            String end = NAMED_ALIKE + machine + (attempt == 0 ? "" : "." + attempt);
            String other = shortened(name, LONGEST_NAME - end.length()) + end;
            if (host.find(other).isEmpty()) {
                return other;
            }
        }
    }

    private static String shortened(String name, int most) {
        String shorter = name;
        while (RawText.encode(shorter).length > most) {
            shorter = shorter.substring(0, shorter.length() - 1);
        }
        return shorter;
    }

    private void tellBoth(Deque<String> path, String name, String other) {
        report.tell(
                shown(path, name),
                "was changed here and in the machine: what the machine has is " + other + " beside it");
    }

    private String shown(Deque<String> path, String name) {
        StringBuilder whole = new StringBuilder(root.toString());
        path.forEach(part -> whole.append('/').append(part));
        return name.isEmpty()
                ? whole.toString()
                : whole.append('/').append(name).toString();
    }
}
