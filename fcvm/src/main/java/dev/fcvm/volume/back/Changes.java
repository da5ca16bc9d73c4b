package dev.fcvm.volume.back;

import dev.fcvm.host.nodes.FileStatus;
import dev.fcvm.host.nodes.NodeKind;
import dev.fcvm.volume.ext4.ImageNode;
import dev.fcvm.volume.ext4.ImageReader;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** Whether a name is still what it was at the start. */
final class Changes {

    private Changes() {}

    /** Tells whether a directory in the machine, with all below it, is as it was. */
    static boolean areNone(ImageReader image, ImageNode directory, Start start) throws IOException {
        Map<String, Integer> names = image.names(directory);
        if (!names.keySet().equals(start.children().keySet())) {
            return false;
        }
        for (Map.Entry<String, Integer> entry : names.entrySet()) {
            ImageNode node = image.node(entry.getValue());
            Start before = start.find(entry.getKey()).orElseThrow();
            boolean below = node.kind() == NodeKind.DIRECTORY && before.stamp().kind() == NodeKind.DIRECTORY;
            if (below ? !areNone(image, node, before) : ofGuest(Optional.of(node), Optional.of(before))) {
                return false;
            }
        }
        return true;
    }

    /** Tells whether a name has changed in the machine. */
    static boolean ofGuest(Optional<ImageNode> guest, Optional<Start> start) {
        if (guest.isEmpty() || start.isEmpty()) {
            return guest.isPresent() || start.isPresent();
        }
        ImageNode now = guest.get();
        Start.Stamp then = start.get().stamp();
        return now.inode() != start.get().inode()
                || now.kind() != then.kind()
                || !now.changed().equals(start.get().inside())
                || !now.modified().equals(then.modified())
                || (now.kind() == NodeKind.FILE && now.size() != then.size());
    }

    /** Tells whether a name has changed on the host. */
    static boolean ofHost(Optional<FileStatus> there, Optional<Start> start) {
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
}
