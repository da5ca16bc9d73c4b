package dev.fcvm.command;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.process.LinuxSignal;
import java.util.function.Consumer;

/** Those of a command that none can reach. */
enum NoSignals implements Signals {
    INSTANCE;

    @Override
    public boolean available() {
        return false;
    }

    @Override
    public Subscription subscribe(Consumer<LinuxSignal> listener) throws FcvmException {
        throw new FcvmException(
                FcvmException.Kind.HOST,
                "signals cannot be passed on: Java was started without fcvm's launcher; use bin/fcvm");
    }

    @Override
    public Subscription onGone(Runnable listener) {
        return () -> {};
    }
}
