package dev.fcvm.net.port;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Those who called a machine before it could answer. Each waits until it can, and is then passed on by this process, to the
 * same address and port, where the machine answers by then; the machine sees this host calling. When it never answers, they
 * are hung up on.
 */
final class EarlyCallers implements AutoCloseable {

    private static final int PIECE = 16 * 1024;

    private final CompletableFuture<Boolean> answers = new CompletableFuture<>();
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

    /** Takes one; it is closed with this. */
    void take(SocketChannel caller) {
        Thread.ofVirtual().name("early-caller").start(() -> pass(caller));
    }

    /** The machine answers from now on; or it never will. */
    void answer(boolean runs) {
        answers.complete(runs);
    }

    private void pass(SocketChannel caller) {
        try (caller;
                SocketChannel machine = SocketChannel.open()) {
            open.add(caller);
            open.add(machine);
            if (!answers.join()) {
                return;
            }
            SocketAddress called = caller.getLocalAddress();
            caller.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            machine.connect(called);
            Thread back = Thread.ofVirtual().name("early-caller-back").start(() -> carry(machine, caller));
            carry(caller, machine);
            back.join();
        } catch (IOException gone) {
            return; // whoever called finds the connection closed
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(caller);
        }
    }

    /** To the end of what one says, which the other is told; whatever fails ends both. */
    private void carry(SocketChannel from, SocketChannel to) {
        try {
            ByteBuffer piece = ByteBuffer.allocate(PIECE);
            while (from.read(piece) >= 0) {
                piece.flip();
                while (piece.hasRemaining()) {
                    to.write(piece);
                }
                piece.clear();
            }
            to.shutdownOutput();
        } catch (IOException gone) {
            hangUp(from);
            hangUp(to);
        }
    }

    private static void hangUp(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException closed) {
            return; // its other side is gone already
        }
    }

    /** Hangs up on all. */
    @Override
    public void close() {
        answers.complete(false);
        open.forEach(EarlyCallers::hangUp);
    }
}
