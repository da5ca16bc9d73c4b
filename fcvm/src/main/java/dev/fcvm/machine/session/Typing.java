package dev.fcvm.machine.session;

import dev.fcvm.link.LinkStream;
import dev.fcvm.link.message.TerminalSize;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import java.util.function.Consumer;

/** Carries what those who watch a container, or run a command in it, type to its standard input. */
public final class Typing {

    private static final int BUFFER = 64 << 10;

    private final LinkStream input;
    private final boolean tty;
    private final Consumer<TerminalSize> resize;

    /**
     * @param input the standard input
     * @param tty whether it is a terminal, which does not end when a typist's input does
     * @param resize tells the terminal how large the typist's is; must not block
     */
    public Typing(LinkStream input, boolean tty, Consumer<TerminalSize> resize) {
        this.input = input;
        this.tty = tty;
        this.resize = resize;
    }

    /** Carries what one of them types from now on, if anything. */
    public void begin(Attachment attachment) {
        if (tty) {
            attachment.stdio().window().ifPresent(window -> attachment.keep(window.follow(resize)));
        }
        if (attachment.stdio().input().isPresent()) {
            ReadableByteChannel source = attachment.stdio().input().get();
            // A thread of the system: the read may block in the kernel, and would keep a carrier from all virtual ones.
            Thread.ofPlatform().name("stdin").daemon().start(() -> carry(source, attachment));
        }
    }

    private void carry(ReadableByteChannel source, Attachment attachment) {
        DetachKeys.Filter keys = attachment.stdio().keys().new Filter();
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
        var passed = new ByteArrayOutputStream();
        OutputStream output = input.output();
        try {
            while (fill(source, buffer)) {
                boolean leaves = keys.take(buffer.array(), buffer.position(), passed);
                write(output, passed.toByteArray());
                if (leaves) {
                    attachment.detach();
                    return;
                }
                passed.reset();
                buffer.clear();
            }
            if (!tty) {
                output.close();
            }
        } catch (ClosedChannelException left) {
            return; // its owner does not watch any more; others may type on
        } catch (IOException notTaken) {
            // A container that does not read any more needs nothing.
            input.reset();
        }
    }

    /** Several may type at once: what each types at once stays together. */
    private void write(OutputStream output, byte[] bytes) throws IOException {
        synchronized (input) {
            output.write(bytes);
            output.flush();
        }
    }

    /** Reads what there is; returns whether there was something. */
    private static boolean fill(ReadableByteChannel source, ByteBuffer buffer) throws ClosedChannelException {
        try {
            return source.read(buffer) >= 0;
        } catch (ClosedChannelException closed) {
            throw closed;
        } catch (IOException unreadable) {
            // Input that cannot be read, a directory say, ends there, as for Podman: what came before still arrives.
            return false;
        }
    }
}
