package dev.fcvm.supervisor;

import dev.fcvm.command.CommandContext;
import java.nio.channels.SocketChannel;

/**
 * Serves one launcher, which has started this process for its one command: where there is to be no supervisor, and the
 * launcher stays to look after the terminal.
 */
public final class SingleCommand implements House {

    private SingleCommand() {}

    /** Serves until the launcher has the exit code, or is gone and the command has ended. */
    public static void serve(SocketChannel launcher, Commands commands, SupervisorLog log) throws InterruptedException {
        var house = new SingleCommand();
        new Client(launcher, house, commands, log).run();
        house.awaitCommand();
    }

    private boolean running;

    private synchronized void awaitCommand() throws InterruptedException {
        while (running) {
            wait();
        }
    }

    @Override
    public boolean isOf(String digest) {
        return true; // it has started this process
    }

    @Override
    public Verdict replace() {
        throw new IllegalStateException("nobody replaces a process of one command");
    }

    @Override
    public Verdict judge(Request request, CommandContext context) {
        return new Verdict.Welcome();
    }

    @Override
    public synchronized void commandBegins() {
        running = true;
    }

    @Override
    public synchronized void commandEnded() {
        running = false;
        notifyAll();
    }

    @Override
    public void left(Client client) {
        // There is no other.
    }
}
