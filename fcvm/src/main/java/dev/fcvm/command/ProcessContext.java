package dev.fcvm.command;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.process.LinuxSignal;
import dev.fcvm.host.process.ProcessStart;
import dev.fcvm.host.process.SignalSource;
import dev.fcvm.host.text.RawPaths;
import dev.fcvm.host.text.RawText;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The context of a command that runs in the caller's own process. */
public final class ProcessContext {

    /** What the launcher writes before the name of a variable that it has changed or taken away. */
    private static final String CALLERS = "FCVM_CALLER_";

    private static final String CALLERS_LOCALE = CALLERS + "LC_ALL";
    private static final List<String> OF_JAVA = List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");

    private ProcessContext() {}

    /** Returns that of this process. */
    public static CommandContext get() {
        return new CommandContext(
                ProcessHandle.current().pid(),
                callersEnvironment(ownEnvironment()),
                RawPaths.workingDirectory(
                        ProcessHandle.current().pid(), Path.of("").toAbsolutePath()),
                ProcessStart.umask(),
                new CommandContext.Streams(
                        // A channel, because closing it wakes a thread that is blocked reading from it.
                        () -> new FileInputStream(FileDescriptor.in).getChannel(),
                        new FileOutputStream(FileDescriptor.out),
                        new FileOutputStream(FileDescriptor.err),
                        isTerminal(1),
                        isTerminal(2)),
                Optional.empty(),
                new OwnSignals(),
                ProcessStart.nanoTime(),
                Clock.systemUTC());
    }

    /** As the caller gave it: Java has no character for what is no UTF-8. */
    private static Map<String, String> ownEnvironment() {
        Map<String, String> all = new HashMap<>();
        try {
            String whole = RawText.decode(ByteBuffer.wrap(Files.readAllBytes(Path.of("/proc/self/environ"))));
            for (String entry : whole.split("\0", -1)) {
                int equals = entry.indexOf('=');
                if (equals > 0) {
                    all.putIfAbsent(entry.substring(0, equals), entry.substring(equals + 1));
                }
            }
        } catch (IOException unreadable) {
            return System.getenv();
        }
        return all.keySet().containsAll(System.getenv().keySet()) ? all : System.getenv();
    }

    /**
     * Undoes what the launcher changes, so that names of files are UTF-8 whatever the caller's locale is, and this Java has
     * no options that the caller has for another.
     */
    static Map<String, String> callersEnvironment(Map<String, String> own) {
        Map<String, String> callers = new HashMap<>(own);
        String locale = callers.remove(CALLERS_LOCALE);
        if (locale == null) {
            return own; // it was not the launcher that started this
        }
        if (locale.isEmpty()) {
            callers.remove("LC_ALL");
        } else {
            callers.put("LC_ALL", locale);
        }
        for (String name : OF_JAVA) {
            String value = callers.remove(CALLERS + name);
            if (value != null) {
                callers.put(name, value);
            }
        }
        return Map.copyOf(callers);
    }

    private static boolean isTerminal(int descriptor) {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException closed) {
            return false;
        }
    }

    /** Those of this process, from a signalfd. */
    private static final class OwnSignals implements Signals {

        @Override
        public boolean available() throws FcvmException {
            return SignalSource.isAvailable();
        }

        @Override
        public Subscription subscribe(Consumer<LinuxSignal> listener) throws FcvmException {
            return SignalSource.open(listener)::close;
        }

        @Override
        public Subscription onGone(Runnable listener) {
            return () -> {};
        }
    }
}
