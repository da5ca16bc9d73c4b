package dev.fcvm.cli.run;

import dev.fcvm.error.FcvmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.Stack;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Flags for what is shown. */
public final class OutputOptions {

    @Option(
            names = "--logs",
            paramLabel = "STREAMS",
            description = "Show both streams of the container, stdout, stderr or none. Default: both.")
    @Nullable String logs;

    @Option(
            names = {"-a", "--attach"},
            paramLabel = "STREAM",
            description = "Show only this stream of the container, stdout or stderr, or pass stdin on.")
    List<String> attach = new ArrayList<>();

    @Option(
            names = "--timings",
            paramLabel = "FORMAT",
            arity = "0..1",
            preprocessor = OnlyAttached.class,
            description = "Report at the end, on stderr, how long each phase took, in ms from the start of the command;"
                    + " --timings=json as JSON.")
    @Nullable String timings;

    @Option(
            names = {"-q", "--quiet"},
            description = "Say nothing of your own but errors.")
    boolean quiet;

    /**
     * Which streams are passed on.
     *
     * @param input standard input
     * @param output standard output
     * @param error standard error
     */
    record Streams(boolean input, boolean output, boolean error) {}

    /**
     * Returns what {@code --attach} and {@code --logs} come to.
     *
     * @param interactive whether {@code --interactive} was given
     */
    Streams streams(boolean interactive) throws FcvmException {
        if (attach.isEmpty()) {
            String shown = logs == null ? "both" : logs;
            return switch (shown) {
                case "both" -> new Streams(interactive, true, true);
                case "none" -> new Streams(interactive, false, false);
                case "stdout" -> new Streams(interactive, true, false);
                case "stderr" -> new Streams(interactive, false, true);
                default ->
                    throw new FcvmException(
                            FcvmException.Kind.USAGE,
                            "--logs is \"" + shown + "\"; it must be one of: both, stdout, stderr, none");
            };
        }
        if (logs != null) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE, "--attach and --logs both say which streams are shown; give one of them");
        }
        Set<String> named = new HashSet<>();
        for (String stream :
                attach.stream().flatMap(list -> Stream.of(list.split(","))).toList()) {
            String name = stream.toLowerCase(Locale.ROOT);
            if (!List.of("stdin", "stdout", "stderr").contains(name)) {
                // Podman's words.
                throw new FcvmException(
                        FcvmException.Kind.USAGE,
                        "invalid stream \"" + stream + "\" for --attach - must be one of stdin, stdout, or stderr");
            }
            named.add(name);
        }
        return new Streams(interactive || named.contains("stdin"), named.contains("stdout"), named.contains("stderr"));
    }

    /** Takes {@code --timings=json} but not {@code --timings json}, since what follows may be the image. */
    static final class OnlyAttached implements IParameterPreprocessor {
        @Override
        @SuppressWarnings("JdkObsolete") // picocli's signature
        public boolean preprocess(
                Stack<String> arguments, CommandSpec command, ArgSpec argument, Map<String, Object> info) {
            if (" ".equals(info.get("separator"))) {
                arguments.push("text");
            }
            return false;
        }
    }
}
