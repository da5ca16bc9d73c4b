package dev.fcvm.machine.session;

import dev.fcvm.link.message.TerminalSize;
import dev.fcvm.machine.log.Output;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Whoever watches a machine. What is said while nobody does is said to those who come no more, and so to a fallback. */
public final class Audience implements RunListener {

    /** Of a terminal that nobody has said the size of. */
    public static final TerminalSize USUAL = new TerminalSize(80, 24);

    private final List<Attachment> attachments = new CopyOnWriteArrayList<>();
    private final RunListener fallback;
    private Optional<Consumer<Attachment>> typing = Optional.empty();

    /** Makes one without watchers; what is to be told goes to the fallback, then. */
    public Audience(RunListener fallback) {
        this.fallback = fallback;
    }

    /** Lets somebody watch from now on. */
    public synchronized Attachment join(Stdio stdio, RunListener listener, boolean owner) {
        var attachment = new Attachment(stdio, listener, owner, attachments::remove);
        attachments.add(attachment);
        typing.ifPresent(begin -> begin.accept(attachment));
        return attachment;
    }

    /** There is a container to type to from now on: begins with all that are there, and goes on with all that come. */
    synchronized void type(Consumer<Attachment> begin) {
        typing = Optional.of(begin);
        attachments.forEach(begin);
    }

    /** There is no container any more. */
    synchronized void stopTyping() {
        typing = Optional.empty();
    }

    /** Returns whether anybody watches. */
    public boolean isPresent() {
        return !attachments.isEmpty();
    }

    /** Returns the size of a terminal that watches. */
    public TerminalSize size() {
        return attachments.stream()
                .flatMap(attachment -> attachment.stdio().window().stream())
                .findFirst()
                .map(Stdio.Window::size)
                .orElse(USUAL);
    }

    void write(Output output, byte[] bytes, int offset, int length) throws IOException {
        for (Attachment attachment : attachments) {
            attachment.write(output, bytes, offset, length);
        }
    }

    /** Returns why somebody's output could not be handed over. */
    Optional<IOException> trouble() {
        return attachments.stream().flatMap(one -> one.trouble().stream()).findFirst();
    }

    @Override
    public void reached(Phase phase) {
        attachments.forEach(attachment -> attachment.listener().reached(phase));
    }

    @Override
    public void note(String line) {
        attachments.forEach(attachment -> attachment.listener().note(line));
    }

    @Override
    public void warn(String line) {
        if (attachments.isEmpty()) {
            fallback.warn(line);
        }
        attachments.forEach(attachment -> attachment.listener().warn(line));
    }

    @Override
    public void error(String line) {
        if (attachments.isEmpty()) {
            fallback.error(line);
        }
        attachments.forEach(attachment -> attachment.listener().error(line));
    }
}
