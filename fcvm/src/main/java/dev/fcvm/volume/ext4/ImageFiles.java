package dev.fcvm.volume.ext4;

import static dev.fcvm.host.ext4.Ext4.BLOCK;

import dev.fcvm.host.ext4.Extent;
import dev.fcvm.host.ext4.InodeRecord;
import dev.fcvm.host.nodes.FileStatus;
import dev.fcvm.host.nodes.NodeKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Files of an image, as files of the host are seen. */
final class ImageFiles {

    private ImageFiles() {}

    /** Returns what is known of a node, as of a file on the host. */
    static FileStatus status(ImageNode node) {
        boolean device = node.kind() == NodeKind.CHARACTERS || node.kind() == NodeKind.BLOCKS;
        int number = device ? device(node.raw()) : 0;
        return new FileStatus(
                node.kind(),
                node.mode(),
                node.uid(),
                node.gid(),
                node.size(),
                node.size(),
                node.links(),
                node.inode(),
                0,
                major(number),
                minor(number),
                node.accessed(),
                node.modified(),
                node.changed());
    }

    /** Returns the number of a device, as the kernel keeps it: the old short form, or the long one behind it. */
    private static int device(ByteBuffer raw) {
        int old = raw.getInt(InodeRecord.MAP);
        return old == 0 ? raw.getInt(InodeRecord.MAP + 4) : ((old >> 8 & 0xff) << 8) | (old & 0xff);
    }

    /** Returns the major number of {@link #device}. */
    private static int major(int device) {
        return device >> 8 & 0xfff;
    }

    /** Returns the minor number of {@link #device}. */
    private static int minor(int device) {
        return (device & 0xff) | (device >> 12 & 0xfff00);
    }

    /** Returns what is in a file, to be read in any order as long as the image is open. */
    static SegmentedContent open(ImageReader image, ImageNode file) throws IOException {
        List<SegmentedContent.Piece> pieces = new ArrayList<>();
        for (Extent extent : image.extents(file)) {
            long from = extent.logical() * BLOCK;
            long length = Math.min(extent.length() * (long) BLOCK, file.size() - from);
            if (length > 0) {
                pieces.add(new SegmentedContent.Piece(from, length, extent.physical() * BLOCK));
            }
        }
        return new SegmentedContent(status(file), pieces, image::blocks);
    }
}
