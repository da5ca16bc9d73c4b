package dev.fcvm.supervisor;

import dev.fcvm.command.Subscription;
import dev.fcvm.command.Terminal;
import dev.fcvm.link.message.TerminalSize;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** The terminal of a launcher. */
final class ClientTerminal implements Terminal {

    private final FrameWriter writer;
    private final Listeners<TerminalSize> listeners = new Listeners<>();
    private TerminalSize size;
    private int raw;

    ClientTerminal(FrameWriter writer, TerminalSize size) {
        this.writer = writer;
        this.size = size;
    }

    @Override
    public synchronized TerminalSize size() {
        return size;
    }

    @Override
    public Subscription onResize(Consumer<TerminalSize> listener) {
        return listeners.add(listener);
    }

    @Override
    public synchronized Subscription raw() {
        if (raw++ == 0) {
            writer.send(Frame.Type.RAW, (byte) 1);
        }
        var closed = new AtomicBoolean();
        return () -> {
            if (closed.compareAndSet(false, true)) {
                cook();
            }
        };
    }

    private synchronized void cook() {
        if (--raw == 0) {
            writer.send(Frame.Type.RAW, (byte) 0);
        }
    }

    void resized(TerminalSize now) {
        synchronized (this) {
            if (size.equals(now)) {
                return;
            }
            size = now;
        }
        listeners.tell(now);
    }
}
