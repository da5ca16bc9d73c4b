package dev.fcvm.cli;

import dev.fcvm.cli.OutputOptions.Streams;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.AttachedRun;
import dev.fcvm.machine.AttachedRun.VmmSource;
import dev.fcvm.machine.RunRequest;
import dev.fcvm.machine.Stdio;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.settings.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.Parameters;

/** {@code fcvm run}. */
@Command(
        name = "run",
        header = "Run a container in a machine of its own.",
        customSynopsis = "fcvm run [FLAG…] IMAGE [COMMAND [ARGUMENT…]]",
        description =
                "Boots a microVM, runs the image's container in it, passes its streams and signals on, and exits with"
                        + " its exit code. Flags mean what they mean to podman run, and end at the image.",
        footer = {
            "",
            "Exit codes: the container's own; 125 when fcvm or Podman failed, 126 when the command cannot be run, 127"
                    + " when it is not there, 128+N when signal N ended the run.",
            "Signals INT, TERM, HUP, QUIT, USR1 and USR2 go to the container. Three INT within three seconds kill the"
                    + " machine, should it hang.",
            "",
            "Example: fcvm run --rm -e GREETING=hello docker.io/library/alpine:3 sh -c 'echo $GREETING'"
        })
public final class RunCommand implements Callable<Integer> {

    private final CommandContext context;
    private final Function<Settings, VmmSource> monitors;

    @Mixin
    ContainerOptions container = new ContainerOptions();

    @Mixin
    MachineOptions machine = new MachineOptions();

    @Mixin
    NetworkOptions network = new NetworkOptions();

    @Mixin
    SettingsFlags settingsFlags = new SettingsFlags();

    @Mixin
    ImageOptions images = new ImageOptions();

    @Mixin
    OutputOptions output = new OutputOptions();

    private final TableFlags table = new TableFlags();

    @Mixin
    CommonFlags common = new CommonFlags();

    @Parameters(index = "0", paramLabel = "IMAGE", description = "Any reference skopeo takes, or a short name.")
    String image = "";

    @Parameters(index = "1..*", paramLabel = "COMMAND", description = "Command and arguments. Default: the image's.")
    List<String> command = new ArrayList<>();

    RunCommand(CommandContext context, Function<Settings, VmmSource> monitors) {
        this.context = context;
        this.monitors = monitors;
    }

    /** Makes the command line's description of it, as far as these words ask for it. */
    static CommandLine described(RunCommand command, List<String> words) {
        var line = new CommandLine(command);
        command.table.describe(line.getCommandSpec(), words);
        line.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, new GroupedHelp());
        return line;
    }

    @Override
    public Integer call() throws FcvmException {
        List<String> podmanFlags = table.checked();
        String format = timingsFormat();
        images.check(image, context);
        Stdio stdio = stdio();
        Settings settings = settingsFlags.settings(context);
        RunRequest request = request(settings, podmanFlags);
        var timings = Timings.since(context.startedNanos());
        var report = new RunReport(context, output.quiet, timings);
        var run = new AttachedRun(
                settings,
                monitors.apply(settings),
                () -> images.resolve(settings, image, context, output.quiet),
                report,
                context.clock());
        int code;
        try (ImageOptions _ = images) {
            code = run.execute(request, stdio, context.signals());
        }
        if (!format.isEmpty()) {
            context.complain(timings.report(format.equals("json")));
        }
        return code;
    }

    private RunRequest request(Settings settings, List<String> podmanFlags) throws FcvmException {
        NetworkRequest wanted = network.request(settings.network());
        return new RunRequest(
                image,
                command,
                given(machine.name),
                given(machine.hostname),
                Optional.ofNullable(machine.cpus),
                given(machine.memory),
                container.environment(context, wanted.enabled()),
                container.flags(podmanFlags, context),
                output.streams(machine.interactive).input(),
                machine.remove,
                given(machine.cidFile).map(context::newFile),
                wanted,
                network.publishAll,
                network.rates());
    }

    /** Nothing is no name: to Podman an empty text is the same as no flag. */
    private static Optional<String> given(@Nullable String value) {
        return Optional.ofNullable(value).filter(text -> !text.isEmpty());
    }

    private Stdio stdio() throws FcvmException {
        Streams streams = output.streams(machine.interactive);
        return new Stdio(
                streams.input() ? Optional.of(context.input()) : Optional.empty(),
                streams.output() ? Optional.of(context.output()) : Optional.empty(),
                streams.error() ? Optional.of(context.error()) : Optional.empty());
    }

    private String timingsFormat() throws FcvmException {
        if (output.timings == null) {
            return "";
        }
        return switch (output.timings) {
            case "text", "json" -> output.timings;
            default ->
                throw new FcvmException(
                        FcvmException.Kind.USAGE,
                        "--timings is \"" + output.timings + "\"; it must be one of: text, json");
        };
    }
}
