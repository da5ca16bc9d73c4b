package dev.fcvm.guest;

import dev.fcvm.link.Link;
import dev.fcvm.link.LinkException;
import dev.fcvm.link.LinkStream;
import dev.fcvm.link.Message.Run;
import org.jspecify.annotations.Nullable;

/**
 * The streams of a container's standard input and outputs on the link; null is one the host does not want.
 */
record ContainerStdio(
        @Nullable LinkStream stdin,
        @Nullable LinkStream stdout,
        @Nullable LinkStream stderr) {

    static ContainerStdio join(Link link, Run run) throws LinkException {
        return new ContainerStdio(join(link, run.stdin()), join(link, run.stdout()), join(link, run.stderr()));
    }

    private static @Nullable LinkStream join(Link link, int number) throws LinkException {
        return number == 0 ? null : link.joinStream(number);
    }

    /** Abandons all of them. */
    void reset() {
        reset(stdin);
        reset(stdout);
        reset(stderr);
    }

    private static void reset(@Nullable LinkStream stream) {
        if (stream != null) {
            stream.reset();
        }
    }
}
