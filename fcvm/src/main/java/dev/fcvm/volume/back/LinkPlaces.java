package dev.fcvm.volume.back;

import dev.fcvm.host.nodes.OpenDirectory;
import dev.fcvm.volume.ext4.ImageNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Where the content of files with several names has been put, or is already. */
final class LinkPlaces {

    private final Path root;
    private final Map<Integer, Deque<String>> places = new HashMap<>();

    LinkPlaces(Path root) {
        this.root = root;
    }

    /**
     * A file that has come back under another name already gets this one as well.
     *
     * @return the name; nothing when it has not come back yet, or cannot have another
     */
    Optional<String> link(OpenDirectory host, ImageNode guest, String name) {
        Deque<String> place = guest.links() > 1 ? places.get(guest.inode()) : null;
        if (place == null) {
            return Optional.empty();
        }
        Deque<String> directories = new ArrayDeque<>(place);
        String last = directories.removeLast();
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

    /** What was remembered under one name has another now. */
    void moved(ImageNode guest, Deque<String> path, String from, String to) {
        Deque<String> place = places.get(guest.inode());
        if (place != null && place.peekLast().equals(from)) {
            places.remove(guest.inode());
            remember(guest, path, to);
        }
    }

    /** This name has its content now. */
    void remember(ImageNode guest, Deque<String> path, String name) {
        Deque<String> place = new ArrayDeque<>(path);
        place.addLast(name);
        places.putIfAbsent(guest.inode(), place);
    }
}
