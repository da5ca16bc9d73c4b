package dev.fcvm.supervisor;

import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.host.file.LockFile;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import jdk.net.ExtendedSocketOptions;

/**
 * Serves the launchers of one user, data directory and set of namespaces until it has long had nothing to do, another
 * takes its place, or it is told to stop. The socket, already listening, comes from the launcher that has started it.
 */
public final class Supervisor implements House {

    /** How often it looks whether its socket is still there, and the like. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** What whoever ends this process by a signal waits for, at most; as long again may pass until all is let go. */
    private static final Duration HURRY = Duration.ofSeconds(10);

    private static final int MOST_CLIENTS = 512;

    private final SupervisorIdentity identity;
    private final Duration idle;
    private final Commands commands;
    private final SupervisorHooks hooks;
    private final SupervisorLog log;
    private final Duration hurry;

    private final Set<Client> clients = ConcurrentHashMap.newKeySet();
    private final AtomicInteger running = new AtomicInteger();
    private final CountDownLatch retired = new CountDownLatch(1);
    private final CountDownLatch firstDone = new CountDownLatch(1);
    private final Selector selector;
    private volatile Optional<String> ending = Optional.empty();
    private volatile boolean hurried;
    private volatile long busyAt = System.nanoTime();

    /**
     * @param identity whom it serves
     * @param idle after how long with nothing to do it ends
     * @param commands what it can be asked for
     * @param hooks asked about the machines
     * @param log hears what there is to tell
     */
    public Supervisor(
            SupervisorIdentity identity, Duration idle, Commands commands, SupervisorHooks hooks, SupervisorLog log)
            throws IOException {
        this(identity, idle, commands, hooks, log, HURRY);
    }

    /** The same, which waits so long when it is in a hurry. */
    Supervisor(
            SupervisorIdentity identity,
            Duration idle,
            Commands commands,
            SupervisorHooks hooks,
            SupervisorLog log,
            Duration hurry)
            throws IOException {
        this.hurry = hurry;
        this.identity = identity;
        this.idle = idle;
        this.commands = commands;
        this.hooks = hooks;
        this.log = log;
        this.selector = Selector.open();
    }

    /**
     * Serves until there is nothing left to do.
     *
     * @param listener listening; closed at the end
     */
    public void serve(ServerSocketChannel listener) throws IOException, InterruptedException {
        try (listener;
                selector) {
            log.note("serves " + identity.data());
            adopt();
            listener.configureBlocking(false);
            listener.register(selector, SelectionKey.OP_ACCEPT);
            Optional<Object> key = socketKey();
            while (ending.isEmpty()) {
                selector.select(LOOK.toMillis());
                selector.selectedKeys().clear();
                accept(listener);
                cutTheSilent();
                if (isIdle()) {
                    end("it has had nothing to do for " + idle.toSeconds() + " s");
                } else if (!socketKey().equals(key)) {
                    end("its socket is gone");
                }
            }
            retire(listener, key);
        } finally {
            retired.countDown();
        }
        letGo();
        if (!awaitCommands(() -> hurried)) {
            letGo();
            long end = System.nanoTime() + hurry.toNanos();
            if (!awaitCommands(() -> System.nanoTime() > end)) {
                log.note(running.get() + " commands are cut off");
            }
        }
        // Those that commands have started meanwhile.
        letGo();
        log.note("has ended");
    }

    /** Has it end, when its commands have; from any thread. */
    public void end(String why) {
        synchronized (this) {
            if (ending.isPresent()) {
                return;
            }
            ending = Optional.of(why);
        }
        log.note("ends: " + why);
        selector.wakeup();
    }

    /**
     * Has it end without waiting for commands that go on: whoever watches a machine is told that it goes on, and what has
     * not ended some seconds later is cut off. From any thread.
     */
    public void hurry(String why) {
        hurried = true;
        end(why);
        synchronized (this) {
            notifyAll();
        }
    }

    /** Writes a line into the log. */
    public void tell(String line) {
        log.note(line);
    }

    /** Waits until the first command has ended, or some time has passed, and a moment more, in which often the next one comes. */
    public void awaitFirst() throws InterruptedException {
        var _ = firstDone.await(LOOK.toMillis(), TimeUnit.MILLISECONDS);
        Thread.sleep(LOOK);
    }

    /** Returns how many commands run. */
    public int running() {
        return running.get();
    }

    /** Returns how many machines it looks after. */
    public int machines() {
        return hooks.machines();
    }

    /** Returns whom it serves. */
    public SupervisorIdentity identity() {
        return identity;
    }

    private void adopt() throws InterruptedException {
        try {
            hooks.adopt();
        } catch (FcvmException failure) {
            log.note("cannot take over all that was left: " + failure.getMessage());
        }
    }

    private void letGo() throws InterruptedException {
        try {
            if (hurried) {
                hooks.letGoAll(hurry);
            } else {
                hooks.letGo();
            }
        } catch (FcvmException failure) {
            log.note("cannot give up all machines: " + failure.getMessage());
        }
    }

    private void accept(ServerSocketChannel listener) throws IOException {
        for (SocketChannel channel = listener.accept(); channel != null; channel = listener.accept()) {
            busyAt = System.nanoTime();
            if (clients.size() >= MOST_CLIENTS || !isOurUsers(channel)) {
                log.note("a connection was refused");
                channel.close();
                continue;
            }
            var client = new Client(channel, this, commands, log);
            clients.add(client);
            Thread.ofVirtual().name("launcher").start(client);
        }
    }

    /** The directory of the socket keeps others away already. */
    private boolean isOurUsers(SocketChannel channel) throws IOException {
        return channel.getOption(ExtendedSocketOptions.SO_PEERCRED)
                .user()
                .equals(Files.getOwner(identity.socket().getParent()));
    }

    private void cutTheSilent() {
        long now = System.nanoTime();
        for (Client client : clients) {
            long since = client.silentSince();
            if (since != Long.MAX_VALUE && now - since > PATIENCE.toNanos()) {
                log.note("a connection that asks for nothing was cut");
                client.cut();
            }
        }
    }

    private boolean isIdle() {
        if (!clients.isEmpty() || running.get() > 0 || hooks.machines() > 0 || hooks.isAtWork()) {
            busyAt = System.nanoTime();
            return false;
        }
        return System.nanoTime() - busyAt >= idle.toNanos();
    }

    /** Which file the socket is, as the kernel tells files apart; nothing when it is not there. */
    private Optional<Object> socketKey() {
        try {
            return Optional.of(Files.getAttribute(identity.socket(), "unix:ino"));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    /** From here on nobody finds it; who has found it is served. Under the lock of those who start one. */
    private void retire(ServerSocketChannel listener, Optional<Object> key) throws IOException, InterruptedException {
        try (LockFile _ = LockFile.exclusive(identity.lock())) {
            if (key.isPresent() && socketKey().equals(key)) {
                Files.deleteIfExists(identity.socket());
            }
            accept(listener);
            listener.close();
        } catch (IOException noDirectory) {
            log.note("its directory is gone: " + noDirectory.getMessage());
            accept(listener);
        }
    }

    /** Returns whether they have ended, before it is enough. */
    private synchronized boolean awaitCommands(BooleanSupplier enough) throws InterruptedException {
        while (!clients.isEmpty() || running.get() > 0) {
            if (enough.getAsBoolean()) {
                return false;
            }
            wait(Math.min(LOOK.toMillis(), hurry.toMillis()));
            cutTheSilent();
        }
        return true;
    }

    // ---- for clients --------------------------------------------------------------------------------------------

    @Override
    public boolean isOf(String digest) {
        return identity.digest().equals(digest);
    }

    /** Its own supervisor is to be the next. */
    @Override
    public Verdict replace() {
        end("another fcvm takes its place");
        try {
            retired.await();
        } catch (InterruptedException never) {
            Thread.currentThread().interrupt();
        }
        return new Verdict.Again();
    }

    @Override
    public Verdict judge(Request request, CommandContext context) {
        if (!request.namespaces().equals(identity.namespaces())
                || commands.needsOwnProcess(context, request.arguments())) {
            return new Verdict.Yourself();
        }
        Optional<Path> data = commands.dataDirectory(context).map(SupervisorIdentity::real);
        if (data.isPresent() && !data.get().equals(identity.data())) {
            return new Verdict.Elsewhere(data.get());
        }
        return new Verdict.Welcome();
    }

    @Override
    public void commandBegins() {
        running.incrementAndGet();
    }

    @Override
    public synchronized void commandEnded() {
        running.decrementAndGet();
        firstDone.countDown();
        busyAt = System.nanoTime();
        notifyAll();
    }

    @Override
    public synchronized void left(Client client) {
        clients.remove(client);
        notifyAll();
    }
}
