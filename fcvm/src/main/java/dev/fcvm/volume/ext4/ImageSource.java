package dev.fcvm.volume.ext4;

import java.io.IOException;
import java.util.List;

/** A tree that goes into an image. */
public interface ImageSource {

    /** Returns all there is, each once; the root is the first, and directories come before what is in them. */
    List<SourceNode> nodes();

    /** Calls a visitor with each node, in the order of {@link #nodes}. */
    void visit(Visitor visitor) throws IOException;

    /** Returns where it lies, for people. */
    String where(SourceNode node);

    /** Is shown a node, and how it is opened if it is a file. */
    interface Visitor {
        void visit(SourceNode node, Opener opener) throws IOException;
    }

    /** Opens a file. */
    interface Opener {
        FileContent open() throws IOException;
    }
}
