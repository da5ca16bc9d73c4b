package dev.fcvm.command;

import dev.fcvm.error.FcvmException;
import dev.fcvm.link.message.TerminalSize;
import java.util.function.Consumer;

/** The terminal that is a command's standard input. */
public interface Terminal {

    /** Returns how large it is now. */
    TerminalSize size();

    /**
     * Has somebody told each new size; not the present one.
     *
     * @param listener is called on a thread of the context's, and must not block
     */
    Subscription onResize(Consumer<TerminalSize> listener);

    /**
     * Sets it raw (cfmakeraw(3)): each key goes to whoever reads standard input, Ctrl-C as well, and nothing is echoed.
     * Closing what this returns sets it back. It is set back when the command ends in any case, and while the caller's
     * process is stopped.
     *
     * @throws FcvmException when the terminal cannot be set
     */
    Subscription raw() throws FcvmException;
}
