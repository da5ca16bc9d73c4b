package dev.fcvm.cli.shared;

import dev.fcvm.command.CommandContext;
import dev.fcvm.command.Subscription;
import dev.fcvm.command.Terminal;
import dev.fcvm.error.FcvmException;
import dev.fcvm.link.message.TerminalSize;
import dev.fcvm.machine.session.DetachKeys;
import dev.fcvm.machine.session.Stdio;
import java.util.Optional;
import java.util.function.Consumer;

/** The user's terminal, joined with one in a machine: raw, until this is closed. */
public final class AttachedTerminal implements AutoCloseable {

    private final CommandContext context;
    private final Optional<Terminal> terminal;
    private final Optional<Subscription> raw;
    private final DetachKeys keys;

    private AttachedTerminal(
            CommandContext context, Optional<Terminal> terminal, Optional<Subscription> raw, DetachKeys keys) {
        this.context = context;
        this.terminal = terminal;
        this.raw = raw;
        this.keys = keys;
    }

    /**
     * Sets the user's terminal raw, if there is one and the machine's side is one too.
     *
     * @param wanted whether the machine's side is a terminal
     */
    public static AttachedTerminal of(CommandContext context, boolean wanted, DetachKeys keys) throws FcvmException {
        Optional<Terminal> terminal = context.terminal().filter(_ -> wanted);
        Optional<Subscription> raw =
                terminal.isPresent() ? Optional.of(terminal.get().raw()) : Optional.empty();
        return new AttachedTerminal(context, terminal, raw, keys);
    }

    /** Returns those of the user's streams that are wanted. */
    public Stdio stdio(boolean input, boolean output, boolean error) {
        return new Stdio(
                input ? Optional.of(context.input()) : Optional.empty(),
                output ? Optional.of(context.output()) : Optional.empty(),
                error ? Optional.of(context.error()) : Optional.empty(),
                terminal.map(Window::new),
                terminal.isPresent() ? keys : DetachKeys.NONE);
    }

    /** The terminal, as machines see it. */
    private record Window(Terminal terminal) implements Stdio.Window {

        @Override
        public TerminalSize size() {
            return terminal.size();
        }

        @Override
        public Following follow(Consumer<TerminalSize> told) {
            Subscription subscription = terminal.onResize(told);
            told.accept(terminal.size());
            return subscription::close;
        }
    }

    @Override
    public void close() {
        raw.ifPresent(Subscription::close);
    }
}
