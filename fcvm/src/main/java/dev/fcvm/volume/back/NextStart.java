package dev.fcvm.volume.back;

import dev.fcvm.host.nodes.FileStatus;
import dev.fcvm.host.nodes.NodeKind;
import dev.fcvm.host.nodes.OpenDirectory;
import dev.fcvm.volume.ext4.ImageNode;
import dev.fcvm.volume.ext4.ImageReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a directory is compared with the next time, when changes have come back and the machine goes on: where both sides have
 * the same, that; where they do not, what they had in common before.
 */
final class NextStart {

    private final ImageReader image;

    NextStart(ImageReader image) {
        this.image = image;
    }

    Start of(Start before, Path root) throws IOException {
        try (OpenDirectory host = OpenDirectory.open(root)) {
            return directory(host, image.root(), Optional.of(before));
        }
    }

    Start of(String name, Start before, Path file) throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        Map<String, Start> children = new HashMap<>(before.children());
        Optional<ImageNode> guest = find(image.names(image.root()), name);
        try (OpenDirectory host = OpenDirectory.open(parent == null ? Path.of("/") : parent)) {
            entry(host, String.valueOf(file.getFileName()), guest, before.find(name))
                    .ifPresent(now -> children.put(name, now));
        }
        return new Start(before.stamp(), before.inode(), before.inside(), children);
    }

    private Optional<ImageNode> find(Map<String, Integer> names, String name) throws IOException {
        return names.containsKey(name) ? Optional.of(image.node(names.get(name))) : Optional.empty();
    }

    private Start directory(OpenDirectory host, ImageNode guest, Optional<Start> before) throws IOException {
        Map<String, Integer> names = image.names(guest);
        Set<String> all = new HashSet<>(names.keySet());
        before.ifPresent(start -> all.addAll(start.children().keySet()));
        Map<String, Start> children = HashMap.newHashMap(all.size());
        for (String name : all) {
            entry(host, name, find(names, name), before.flatMap(start -> start.find(name)))
                    .ifPresent(now -> children.put(name, now));
        }
        FileStatus status = host.status();
        boolean alike = before.isEmpty() || status.mode() == guest.mode();
        Start.Stamp stamp = alike ? Start.Stamp.of(status) : before.get().stamp();
        return new Start(stamp, guest.inode(), guest.changed(), children);
    }

    private Optional<Start> entry(OpenDirectory host, String name, Optional<ImageNode> guest, Optional<Start> before)
            throws IOException {
        Optional<FileStatus> there = host.find(name);
        if (guest.isEmpty()) {
            return there.isPresent() ? before : Optional.empty();
        }
        if (there.isEmpty()) {
            return before;
        }
        ImageNode node = guest.get();
        if (node.kind() == NodeKind.DIRECTORY && there.get().kind() == NodeKind.DIRECTORY) {
            try (OpenDirectory below = host.directory(name)) {
                return Optional.of(directory(
                        below, node, before.filter(start -> start.stamp().kind() == NodeKind.DIRECTORY)));
            }
        }
        boolean hostAlone = before.isPresent() && Changes.ofHost(there, before) && !Changes.ofGuest(guest, before);
        if (hostAlone || !Aside.isThere(image, host, name, there, node)) {
            return before;
        }
        return Optional.of(new Start(Start.Stamp.of(there.get()), node.inode(), node.changed(), Map.of()));
    }
}
