package dev.fcvm.host.process;

import java.util.Map;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * On whose behalf a thread starts programs of the host, where many callers' commands run in one process: they get the
 * caller's environment, not the process's. A thread has what the thread had that made it, so it need not be handed through
 * every room down to where a program is started; beside a command there is no caller but the process itself.
 */
public final class CallerEnvironment {

    // Set once a thread, by whoever runs a command; nobody changes it for another.
    private static final InheritableThreadLocal<@Nullable OnBehalf> CALLERS = new InheritableThreadLocal<>();

    private CallerEnvironment() {}

    /** What stands in the place of a process where there is no caller any more. */
    private static final long NOBODY = -1;

    private record OnBehalf(long process, Map<String, String> environment) {}

    /** Returns the environment for programs that this thread starts. */
    public static Map<String, String> get() {
        OnBehalf caller = CALLERS.get();
        return caller == null ? System.getenv() : caller.environment();
    }

    /** Returns the process of the caller; nothing where the command runs in that itself. It may be gone. */
    public static Optional<Long> process() {
        return Optional.ofNullable(CALLERS.get()).map(OnBehalf::process).filter(process -> process != NOBODY);
    }

    /**
     * Has this thread, from now on, work for nobody who waits: what it starts gives way to everything else on the host, and
     * has none of the limits of whoever caused it, but the environment.
     */
    public static void workBehind() {
        CALLERS.set(new OnBehalf(NOBODY, Map.copyOf(get())));
    }

    /** Returns whether nobody waits for what this thread does. */
    static boolean isBehind() {
        OnBehalf caller = CALLERS.get();
        return caller != null && caller.process() == NOBODY;
    }

    /** Does something for a caller with this process and environment. */
    public static int with(long process, Map<String, String> environment, IntSupplier command) {
        CALLERS.set(new OnBehalf(process, Map.copyOf(environment)));
        try {
            return command.getAsInt();
        } finally {
            CALLERS.remove();
        }
    }

    /** Gives a program to be started this environment, in place of the process's. */
    static void into(ProcessBuilder builder) {
        OnBehalf caller = CALLERS.get();
        if (caller != null) {
            builder.environment().clear();
            builder.environment().putAll(caller.environment());
        }
    }
}
