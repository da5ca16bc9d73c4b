package dev.fcvm.volume.back;

import dev.fcvm.host.nodes.FileStatus;
import dev.fcvm.host.nodes.NodeKind;
import dev.fcvm.host.nodes.OpenDirectory;
import dev.fcvm.host.nodes.OpenFile;
import dev.fcvm.host.nodes.OpenNode;
import dev.fcvm.host.text.RawText;
import dev.fcvm.volume.ext4.ImageNode;
import dev.fcvm.volume.ext4.ImageReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Writes what comes back under a name of its own, to its end and on to the disk, and only then under the name it is to
 * have: there is never half a file under its own name.
 */
final class Aside {

    private static final int PIECE = 1 << 20;
    private static final int GIVING_AWAY = 06000;
    private static final String MARK = ".fcvm-";
    private static final int LONGEST_NAME = 255;

    /** What a machine's root may say of a file and the host's root must not believe. */
    private static final Set<String> TRUSTED = Set.of("security.", "trusted.");

    private final ImageReader image;
    private final Owners owners;
    private final int uid;
    private final int gid;
    private final String token;
    private final String all;
    private final String prefix;
    private final BackReport report;
    private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
    private long left;
    private int number;

    /**
     * @param uid this process's user
     * @param gid this process's group
     * @param token of the machine's, which no other uses
     */
    Aside(ImageReader image, Owners owners, int uid, int gid, String token, BackReport report) {
        this.image = image;
        this.owners = owners;
        this.uid = uid;
        this.gid = gid;
        this.token = token;
        this.all = MARK + token + "-";
        this.prefix = all + HexFormat.of().toHexDigits(new SecureRandom().nextInt()) + "-";
        this.report = report;
        this.left = image.capacity();
    }

    /** Returns a name that nobody else uses. */
    String name() {
        return prefix + number++;
    }

    /** Returns whether a name is one of these: a run that was killed has left it. */
    boolean isOne(String name) {
        return name.startsWith(all);
    }

    /** Removes what a run that was killed has left in a directory. */
    void removeLeftovers(OpenDirectory directory) throws IOException {
        for (String name : directory.names()) {
            if (isOne(name) && !name.startsWith(prefix)) {
                NodeKind kind = directory.status(name).kind();
                if (kind != NodeKind.DIRECTORY) {
                    directory.delete(name, kind);
                }
            }
        }
    }

    /**
     * Writes a file, link or pipe.
     *
     * @param had what was there at the start
     * @param now whether it is forced out at once
     * @return the name it has now; nothing for what does not come back
     */
    Optional<String> write(OpenDirectory directory, ImageNode node, String path, Optional<Start> had, boolean now)
            throws IOException {
        String name = name();
        switch (node.kind()) {
            case FILE -> file(directory, name, node, path, had, now);
            case LINK -> {
                directory.createLink(name, image.target(node));
                dress(directory, name, node);
            }
            case PIPE -> {
                directory.createPipe(name);
                dress(directory, name, node);
            }
            case CHARACTERS, BLOCKS -> {
                report.tell(path, "a device does not come out of a machine");
                return Optional.empty();
            }
            case SOCKET -> {
                return Optional.empty(); // it means nothing without the program that made it
            }
            case DIRECTORY -> throw new IllegalArgumentException(path);
        }
        return Optional.of(name);
    }

    private void file(
            OpenDirectory directory, String name, ImageNode node, String path, Optional<Start> had, boolean now)
            throws IOException {
        try (OpenFile file = directory.createFile(name)) {
            boolean whole = false;
            try {
                image.content(node, piece, (bytes, at) -> {
                    left -= bytes.remaining();
                    if (left < 0) {
                        throw new IOException("the image claims more data than it has room for");
                    }
                    file.write(bytes, at);
                });
                file.setSize(node.size());
                dress(file, node, path, had.map(Start::stamp));
                if (now) {
                    file.sync();
                }
                whole = true;
            } finally {
                if (!whole) {
                    directory.delete(name, NodeKind.FILE);
                }
            }
        }
    }

    /** Gives a file or directory the owner, mode, attributes and times it has in the machine. */
    void dress(OpenNode file, ImageNode node, String path, Optional<Start.Stamp> had) throws IOException {
        if (owners.root()) {
            file.setOwner(owners.outside(node.uid(), uid), owners.outside(node.gid(), gid));
        }
        int mode = node.mode();
        int held = had.map(Start.Stamp::mode).orElse(0);
        if (node.kind() == NodeKind.FILE && (mode & GIVING_AWAY & ~held) != 0) {
            report.tell(path, "that it runs as its owner does not come out of a machine; set it with chmod");
            mode &= ~GIVING_AWAY | held;
        }
        attributes(file, node, path);
        file.setMode(mode);
        file.setTimes(node.accessed(), node.modified());
    }

    private void attributes(OpenNode file, ImageNode node, String path) throws IOException {
        Map<String, byte[]> wanted = image.attributes(node);
        for (String there : file.attributes().keySet()) {
            if (!wanted.containsKey(there) && TRUSTED.stream().noneMatch(there::startsWith)) {
                file.removeAttribute(there);
            }
        }
        for (Map.Entry<String, byte[]> attribute : wanted.entrySet()) {
            if (TRUSTED.stream().anyMatch(attribute.getKey()::startsWith)) {
                report.tell(path, "its attribute " + attribute.getKey() + " does not come out of a machine");
                continue;
            }
            try {
                file.setAttribute(attribute.getKey(), attribute.getValue());
            } catch (IOException refused) {
                report.tell(path, "its attribute " + attribute.getKey() + " cannot be set: " + refused.getMessage());
            }
        }
    }

    private void dress(OpenDirectory directory, String name, ImageNode node) throws IOException {
        if (owners.root()) {
            directory.setOwner(name, owners.outside(node.uid(), uid), owners.outside(node.gid(), gid));
        }
        directory.setTimes(name, node.accessed(), node.modified());
    }

    /** Returns what a name is to be compared with: its status, when somebody has changed it since it was looked at. */
    static boolean same(FileStatus one, FileStatus other) {
        return one.inode() == other.inode()
                && one.kind() == other.kind()
                && one.size() == other.size()
                && one.modified().equals(other.modified());
    }

    /**
     * Returns whether the host has what the machine has, from a run that was killed: it gets the machine's times when it is
     * whole.
     */
    static boolean isThere(
            ImageReader image, OpenDirectory host, String name, Optional<FileStatus> there, ImageNode node)
            throws IOException {
        if (there.isEmpty()
                || there.get().kind() != node.kind()
                || !there.get().modified().equals(node.modified())) {
            return false;
        }
        return switch (node.kind()) {
            case FILE -> there.get().size() == node.size();
            case LINK -> host.target(name).equals(image.target(node));
            case PIPE -> true;
            case DIRECTORY, CHARACTERS, BLOCKS, SOCKET -> false;
        };
    }

    boolean isThere(OpenDirectory host, String name, Optional<FileStatus> there, ImageNode node) throws IOException {
        return isThere(image, host, name, there, node);
    }

    /** Returns the name beside this one for what is kept twice. */
    String beside(String name) {
        return beside(name, 0);
    }

    private String beside(String name, int attempt) {
        String end = MARK + token + (attempt == 0 ? "" : "." + attempt);
        return shortened(name, LONGEST_NAME - end.length()) + end;
    }

    /** Returns a name beside this one that nothing has. */
    String free(OpenDirectory host, String name) throws IOException {
        for (int attempt = 0; ; attempt++) {
            String other = beside(name, attempt);
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
}
