package dev.fcvm.it.harness;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestWatcher;

/** Hands tests what they stand on, says a line a test, and fails a test that leaves something behind. */
final class MachineLane
        implements ExecutionCondition, ParameterResolver, BeforeEachCallback, AfterEachCallback, TestWatcher {

    private static final Namespace NAMESPACE = Namespace.create(MachineLane.class);
    private static final List<Class<?>> GIVEN = List.of(Fcvm.class, HostPodman.class, Archives.class, Place.class);

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return Lane.current()
                .obstacle()
                .map(ConditionEvaluationResult::disabled)
                .orElseGet(() -> ConditionEvaluationResult.enabled("machines can be booted"));
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return GIVEN.contains(parameter.getParameter().getType());
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        if (type == Fcvm.class) {
            return ofClass(context, Fcvm.class, Fcvm::create);
        }
        if (type == Archives.class) {
            return archives(context);
        }
        if (type == HostPodman.class) {
            Archives archives = archives(context);
            return one(context.getRoot(), HostPodman.class, () -> new HostPodman(archives));
        }
        return one(context, Place.class, Place::make);
    }

    private static Archives archives(ExtensionContext context) {
        return one(context.getRoot(), Archives.class, Archives::new);
    }

    private static <T> T ofClass(ExtensionContext context, Class<T> type, Supplier<T> maker) {
        ExtensionContext holder = context;
        while (holder.getTestMethod().isPresent()) {
            holder = holder.getParent().orElseThrow();
        }
        return one(holder, type, maker);
    }

    private static <T> T one(ExtensionContext context, Class<T> type, Supplier<T> maker) {
        return store(context).computeIfAbsent(type, absent -> maker.get(), type);
    }

    private static Store store(ExtensionContext context) {
        return context.getStore(NAMESPACE);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        store(context).put("started", Instant.now());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Optional<Fcvm> fcvm = Optional.ofNullable(store(context).get(Fcvm.class, Fcvm.class));
        if (fcvm.isEmpty()) {
            return;
        }
        boolean failed = context.getExecutionException().isPresent();
        String consoles = failed ? fcvm.get().consoles() : "";
        List<String> leaks = fcvm.get().leaks();
        if (!leaks.isEmpty()) {
            Leaks.end(fcvm.get());
            fcvm.get().forget();
            throw new AssertionError("left behind:\n" + String.join("\n", leaks) + "\n" + consoles);
        }
    }

    @Override
    public void testSuccessful(ExtensionContext context) {
        say(context, "ok    ");
    }

    @Override
    public void testFailed(ExtensionContext context, @Nullable Throwable cause) {
        say(context, "FAILED");
    }

    @Override
    public void testAborted(ExtensionContext context, @Nullable Throwable cause) {
        say(context, "skipped (" + (cause == null ? "no reason given" : cause.getMessage()) + ")");
    }

    @Override
    public void testDisabled(ExtensionContext context, Optional<String> reason) {
        say(context, "disabled (" + reason.orElse("no reason given") + ")");
    }

    /** Prints one line. A test report is what standard output is for here. */
    private static void say(ExtensionContext context, String how) {
        Instant started = Optional.ofNullable(store(context).get("started", Instant.class))
                .orElseGet(Instant::now);
        System.out.printf(
                "%6.1f s  %s  %s: %s%n",
                Duration.between(started, Instant.now()).toMillis() / 1000.0,
                how,
                context.getRequiredTestClass().getSimpleName(),
                context.getDisplayName());
    }
}
