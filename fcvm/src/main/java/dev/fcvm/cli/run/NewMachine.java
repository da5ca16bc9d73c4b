package dev.fcvm.cli.run;

import dev.fcvm.cli.image.ImageOptions;
import dev.fcvm.cli.secret.SecretOptions;
import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.cli.shared.SuspendOptions;
import dev.fcvm.cli.snapshot.SavingOptions;
import dev.fcvm.cli.volume.MappingOptions;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.host.NativeCalls;
import dev.fcvm.machine.ready.ReadyCondition;
import dev.fcvm.machine.session.RunListener;
import dev.fcvm.machine.spec.MachineSource;
import dev.fcvm.machine.spec.Readiness;
import dev.fcvm.machine.spec.RunRequest;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.settings.Settings;
import dev.fcvm.volume.flags.MappingFlags;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.Parameters;

/** What {@code fcvm run} and {@code fcvm create} have alike: the flags of a new machine. */
public abstract class NewMachine implements Callable<Integer> {

    final CommandContext context;
    final OpenMachines machines;

    @Mixin
    ContainerOptions container = new ContainerOptions();

    @Mixin
    MachineOptions machine = new MachineOptions();

    @Mixin
    NetworkOptions network = new NetworkOptions();

    @Mixin
    MappingOptions mappings = new MappingOptions();

    @Mixin
    SecretOptions secrets = new SecretOptions();

    @Mixin
    SettingsFlags settingsFlags = new SettingsFlags();

    @Mixin
    ImageOptions images = new ImageOptions();

    @Mixin
    OutputOptions output = new OutputOptions();

    @Mixin
    SavingOptions saving = new SavingOptions();

    @Mixin
    SuspendOptions suspending = new SuspendOptions();

    private final TableFlags table = new TableFlags();

    @Mixin
    CommonFlags common = new CommonFlags();

    @Parameters(index = "0", paramLabel = "IMAGE", description = "Any reference skopeo takes, or a short name.")
    String image = "";

    @Parameters(index = "1..*", paramLabel = "COMMAND", description = "Command and arguments. Default: the image's.")
    List<String> command = new ArrayList<>();

    NewMachine(CommandContext context, OpenMachines machines) {
        this.context = context;
        this.machines = machines;
    }

    /** Makes the command line's description of it, as far as these words ask for it. */
    public static CommandLine described(NewMachine command, List<String> words) {
        var line = new CommandLine(command);
        command.table.describe(line.getCommandSpec(), words);
        line.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, new GroupedHelp());
        return line;
    }

    /** Reads what the flags say, and refuses what makes no sense, before anything is touched. */
    final Wanted wanted() throws FcvmException {
        List<String> podmanFlags = table.checked();
        images.check(image, context);
        machine.keys();
        Settings settings = settingsFlags.settings(context);
        RunRequest request = request(settings, podmanFlags);
        if (machine.tty && machine.interactive && context.terminal().isEmpty() && !output.quiet) {
            // Podman's words.
            context.complain("fcvm: The input device is not a TTY. The --tty and --interactive flags might not work"
                    + " properly");
        }
        return new Wanted(settings, request);
    }

    /**
     * What is asked for.
     *
     * @param settings with these flags above all
     * @param request the machine
     */
    record Wanted(Settings settings, RunRequest request) {}

    /** Returns what making the machine needs of this command. */
    final MachineSource source(Settings settings, RunListener listener) {
        return new MachineSource(
                settings, machines.monitors(), () -> images.resolve(settings, image, context, output.quiet), listener);
    }

    private RunRequest request(Settings settings, List<String> podmanFlags) throws FcvmException {
        NetworkRequest wanted = network.request(settings.network());
        MappingFlags.Read mapped = mappings.read(context);
        if (!mapped.mappings().isEmpty()) {
            NativeCalls.prepare();
        }
        return new RunRequest(
                image,
                command,
                given(machine.name),
                given(machine.hostname),
                Optional.ofNullable(machine.cpus),
                given(machine.memory),
                container.environment(context, wanted.enabled()),
                container.flags(
                        Stream.concat(podmanFlags.stream(), mapped.podman().stream())
                                .toList(),
                        context),
                output.streams(machine.interactive).input(),
                machine.tty,
                machine.logLimit(),
                machine.remove,
                given(machine.cidFile).map(context::newFile),
                wanted,
                network.publishAll,
                network.rates(),
                mapped.mappings(),
                secrets.read(context),
                ready(),
                suspending.read(machines));
    }

    private Optional<String> ready() throws FcvmException {
        Optional<String> condition = Optional.ofNullable(machine.waitReady);
        if (condition.isPresent()) {
            ReadyCondition.parse(Readiness.FLAG, condition.get());
        }
        return condition;
    }

    /** Nothing is no name: to Podman an empty text is the same as no flag. */
    private static Optional<String> given(@Nullable String value) {
        return Optional.ofNullable(value).filter(text -> !text.isEmpty());
    }
}
