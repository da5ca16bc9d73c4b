package dev.fcvm.cli;

import java.util.Map;
import java.util.Stack;
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
    String logs = "both";

    @Option(
            names = "--timings",
            paramLabel = "FORMAT",
            arity = "0..1",
            preprocessor = OnlyAttached.class,
            description = "Report at the end, on stderr, how long each phase took, in ms from the start of the process;"
                    + " --timings=json as JSON.")
    @Nullable String timings;

    @Option(
            names = {"-q", "--quiet"},
            description = "Say nothing of your own but errors.")
    boolean quiet;

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
