package dev.fcvm.machine.session;

import dev.fcvm.error.BrokenPipe;
import dev.fcvm.machine.log.Output;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Somebody who watches a container, and may type to it. What an owner does not take, the container cannot write: its next
 * write fails as on a broken pipe, as is so for whoever runs a program in the foreground. Anybody else is let go, and the
 * container goes on. Closing detaches; the container goes on.
 */
public final class Attachment implements AutoCloseable {

    private final Stdio stdio;
    private final RunListener listener;
    private final boolean owner;
    private final Consumer<Attachment> leave;
    private final CompletableFuture<Boolean> detached = new CompletableFuture<>();
    private volatile Optional<IOException> trouble = Optional.empty();
    private volatile boolean gone;
    private final List<Stdio.Window.Following> followed = new CopyOnWriteArrayList<>();

    /** Makes one of a watcher with these streams. */
    public Attachment(Stdio stdio, RunListener listener, boolean owner, Consumer<Attachment> leave) {
        this.stdio = stdio;
        this.listener = listener;
        this.owner = owner;
        this.leave = leave;
    }

    /** Returns who hears of the machine's progress and troubles. */
    public RunListener listener() {
        return listener;
    }

    /** Returns its streams. */
    Stdio stdio() {
        return stdio;
    }

    /** Completed when the user has typed the keys that detach. */
    public CompletableFuture<Boolean> detached() {
        return detached;
    }

    /** The user wants to leave, and the container to go on. */
    void detach() {
        gone = true;
        detached.complete(true);
    }

    /** Something that ends when the user does not watch any more. */
    void keep(Stdio.Window.Following following) {
        followed.add(following);
    }

    /**
     * Hands over what the container wrote. Blocks as long as it is not taken.
     *
     * @throws IOException when its owner does not take it any more
     */
    void write(Output output, byte[] bytes, int offset, int length) throws IOException {
        Optional<OutputStream> target = switch (output) {
            case STDOUT -> stdio.output();
            case STDERR -> stdio.error();
        };
        if (gone || target.isEmpty()) {
            return;
        }
        try {
            target.get().write(bytes, offset, length);
            target.get().flush();
        } catch (IOException failure) {
            if (gone) {
                return; // its streams were closed because it left
            }
            if (!BrokenPipe.isBehind(failure)) {
                trouble = Optional.of(failure);
            }
            if (owner) {
                throw failure;
            }
            detach();
        }
    }

    /** Returns why output could not be handed over, unless it is that nobody reads it any more. */
    Optional<IOException> trouble() {
        return trouble;
    }

    @Override
    public void close() {
        gone = true;
        leave.accept(this);
        followed.forEach(Stdio.Window.Following::close);
        if (stdio.input().isPresent()) {
            try {
                stdio.input().get().close();
            } catch (IOException useless) {
                // Nobody reads from it any more, which is all that closing it was for.
                return;
            }
        }
    }
}
