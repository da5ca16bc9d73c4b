package dev.fcvm.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.command.CommandContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/** A real supervisor on a real socket, whose commands are a test's. */
final class TestSupervisor implements AutoCloseable {

    private final Path socket;
    private final Supervisor supervisor;
    private final ExecutorService threads = Executors.newSingleThreadExecutor();
    private final Future<?> served;
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();

    /** What a test has a command do. */
    @FunctionalInterface
    interface Command {
        int run(CommandContext context, List<String> words) throws Exception;
    }

    TestSupervisor(Path directory, Duration idle, Command command) throws IOException {
        socket = directory.resolve("s.sock");
        var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(socket), 512);
        supervisor = new Supervisor(
                new SupervisorIdentity(
                        socket, directory.toRealPath(), PlayedLauncher.NAMESPACES, PlayedLauncher.DIGEST),
                idle,
                new Played(command),
                SupervisorHooks.none(),
                new SupervisorLog(log, directory.resolve("s.log"), Clock.systemUTC()),
                Duration.ofMillis(100));
        served = threads.submit(() -> {
            supervisor.serve(listener);
            return null;
        });
    }

    private record Played(Command command) implements Commands {
        @Override
        public int run(CommandContext context, List<String> arguments) {
            try {
                return command.run(context, arguments);
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public boolean needsOwnProcess(CommandContext context, List<String> arguments) {
            return arguments.equals(List.of("init"));
        }

        @Override
        public Optional<Path> dataDirectory(CommandContext context) {
            return Optional.ofNullable(context.environment().get("DATA")).map(Path::of);
        }
    }

    Path socket() {
        return socket;
    }

    Supervisor supervisor() {
        return supervisor;
    }

    String log() {
        return log.toString(StandardCharsets.UTF_8);
    }

    /** Waits until it has said this, as what it does is told after it is done; fails when it does not within 20 s. */
    void awaitLog(String words) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!log().contains(words)) {
            assertThat(System.nanoTime())
                    .as("\"%s\" is not in: %s", words, log())
                    .isLessThan(end);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    /** Waits for its end. */
    void awaitEnd() {
        try {
            served.get(20, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException failure) {
            throw new AssertionError("the supervisor does not end as it should; its log:\n" + log(), failure);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        supervisor.end("the test is over");
        try {
            awaitEnd();
        } finally {
            threads.shutdownNow();
        }
    }
}
