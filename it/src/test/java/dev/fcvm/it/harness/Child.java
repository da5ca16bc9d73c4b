package dev.fcvm.it.harness;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A process of a test: its streams are drained as they come, and it is killed when it or its test is over. */
public final class Child implements AutoCloseable {

    private final List<String> command;
    private final Process process;
    private final Instant started = Instant.now();
    private final Duration deadline;
    private final Captured.Collector stdout = new Captured.Collector();
    private final Captured.Collector stderr = new Captured.Collector();
    private final List<Thread> pumps = new ArrayList<>();

    private Child(Call call) throws IOException {
        command = List.copyOf(call.command);
        deadline = call.deadline;
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().putAll(call.environment);
        call.directory.ifPresent(path -> builder.directory(path.toFile()));
        if (call.stdin.isEmpty()) {
            builder.redirectInput(new File("/dev/null"));
        }
        process = builder.start();
        pumps.add(pump("stdout", process.getInputStream(), stdout));
        pumps.add(pump("stderr", process.getErrorStream(), stderr));
        call.stdin.ifPresent(this::feed);
    }

    /** Begins the description of a process. */
    public static Call of(List<String> command) {
        return new Call(command);
    }

    /** Begins the description of a process. */
    public static Call of(String... command) {
        return new Call(List.of(command));
    }

    /** Returns the process id. */
    public long pid() {
        return process.pid();
    }

    /** Sends a signal by its name, such as {@code INT}. */
    public void signal(String name) {
        Child.of("kill", "-" + name, Long.toString(pid())).run().expect(0);
    }

    /** Waits until standard output contains this text; fails when the process ends or the deadline passes first. */
    public void awaitOut(String text) {
        await("standard output with “" + text + "”", stdout, seen -> seen.contains(text));
    }

    /** Waits until standard error contains this text; fails when the process ends or the deadline passes first. */
    public void awaitErr(String text) {
        await("standard error with “" + text + "”", stderr, seen -> seen.contains(text));
    }

    /** Waits until standard output is longer than this. */
    public void awaitOutBeyond(int length) {
        await("more on standard output", stdout, seen -> seen.length() > length);
    }

    private void await(String what, Captured.Collector from, Predicate<String> wanted) {
        try {
            while (true) {
                boolean over = !process.isAlive() && pumps.stream().noneMatch(Thread::isAlive);
                long length = from.lengthSoFar();
                if (wanted.test(from.soFar())) {
                    return;
                }
                Duration left = deadline.minus(Duration.between(started, Instant.now()));
                if (over || left.isNegative()) {
                    throw new AssertionError((over ? "ended" : "deadline passed") + " before " + what + ":\n"
                            + new Outcome(
                                    command,
                                    over ? process.exitValue() : -1,
                                    stdout.finish(),
                                    stderr.finish(),
                                    deadline));
                }
                from.awaitMore(length, Math.min(100, left.toMillis() + 1));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + what, e);
        }
    }

    /** Waits for the process itself to end, whoever else still holds its streams. */
    public void closed() {
        process.onExit().orTimeout(deadline.toSeconds(), TimeUnit.SECONDS).join();
    }

    /** Says whether the process still runs. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Returns what standard output holds by now. */
    public String outSoFar() {
        return stdout.soFar();
    }

    /** Returns what standard error holds by now. */
    public String errSoFar() {
        return stderr.soFar();
    }

    /** Waits for the end; kills the process and fails when the deadline passes first. */
    public Outcome outcome() {
        try {
            Duration left = deadline.minus(Duration.between(started, Instant.now()));
            boolean ended = process.waitFor(Math.max(1, left.toMillis()), TimeUnit.MILLISECONDS);
            if (!ended) {
                process.destroyForcibly().waitFor();
            }
            Duration took = Duration.between(started, Instant.now());
            for (Thread pump : pumps) {
                // A grandchild that kept a stream open must not hang the test: it is a leak, and shown as one.
                if (!pump.join(Duration.ofSeconds(20))) {
                    throw new AssertionError("ended, but " + pump.getName() + " stays open: "
                            + new Outcome(command, process.exitValue(), stdout.finish(), stderr.finish(), took));
                }
            }
            Outcome outcome = new Outcome(command, process.exitValue(), stdout.finish(), stderr.finish(), took);
            if (!ended) {
                throw new AssertionError("did not end within " + deadline.toSeconds() + " s:\n" + outcome);
            }
            return outcome;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + command, e);
        }
    }

    /** Kills the process if it still runs. */
    @Override
    public void close() {
        process.destroyForcibly();
    }

    private static Thread pump(String name, InputStream in, Captured.Collector into) {
        return Thread.ofVirtual().name(name).start(() -> {
            try (in) {
                into.drain(in);
            } catch (IOException killed) {
                // The pipe broke because the process was killed: what has come until then is the output.
            }
        });
    }

    private void feed(InputStream from) {
        Thread.ofVirtual().name("stdin").start(() -> {
            try (from;
                    OutputStream into = process.getOutputStream()) {
                byte[] buffer = new byte[1 << 16];
                for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
                    into.write(buffer, 0, count);
                    into.flush();
                }
            } catch (IOException ended) {
                // The process ended without reading all of it, as many a test wants it to.
            }
        });
    }

    /** A process that is not started yet. */
    public static final class Call {
        private final List<String> command;
        private final Map<String, String> environment = new HashMap<>(System.getenv());
        private Optional<Path> directory = Optional.empty();
        private Optional<InputStream> stdin = Optional.empty();
        private Duration deadline = Duration.ofSeconds(60);

        private Call(List<String> command) {
            this.command = command;
        }

        /** Adds words to its command line. */
        public Call with(String... words) {
            return new Call(
                    this, Stream.concat(command.stream(), Stream.of(words)).toList());
        }

        /** Puts words before its command line: a program that runs it. */
        public Call inside(String... words) {
            return new Call(
                    this, Stream.concat(Stream.of(words), command.stream()).toList());
        }

        private Call(Call other, List<String> command) {
            this.command = command;
            environment.clear();
            environment.putAll(other.environment);
            directory = other.directory;
            stdin = other.stdin;
            deadline = other.deadline;
        }

        /** Sets one variable of its environment. */
        public Call env(String name, String value) {
            environment.put(name, value);
            return this;
        }

        /** Takes one variable out of its environment. */
        public Call without(String name) {
            environment.remove(name);
            return this;
        }

        /** Sets its working directory. */
        public Call in(Path path) {
            directory = Optional.of(path);
            return this;
        }

        /** Gives it these bytes, then the end, on standard input. Without this it reads from /dev/null. */
        public Call stdin(byte[] bytes) {
            return stdin(new ByteArrayInputStream(bytes));
        }

        /** Gives it this stream on standard input. */
        public Call stdin(InputStream stream) {
            stdin = Optional.of(stream);
            return this;
        }

        /** How long it may take; a minute if not said. */
        public Call deadline(Duration atMost) {
            deadline = atMost;
            return this;
        }

        /** Starts it. */
        public Child start() {
            try {
                return new Child(this);
            } catch (IOException e) {
                throw new AssertionError("cannot start " + command + ": " + e.getMessage(), e);
            }
        }

        /** Starts it and waits for its end. */
        public Outcome run() {
            try (Child child = start()) {
                return child.outcome();
            }
        }
    }
}
