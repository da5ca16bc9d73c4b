package dev.fcvm.cli;

import dev.fcvm.cli.config.ConfigSection;
import dev.fcvm.cli.group.ContainerCommand;
import dev.fcvm.cli.group.LongerNames;
import dev.fcvm.cli.group.SystemCommand;
import dev.fcvm.cli.host.ConfigCommand;
import dev.fcvm.cli.host.DoctorCommand;
import dev.fcvm.cli.host.InfoCommand;
import dev.fcvm.cli.host.InitCommand;
import dev.fcvm.cli.host.Version;
import dev.fcvm.cli.host.VersionCommand;
import dev.fcvm.cli.image.ImageCommand;
import dev.fcvm.cli.image.ImageStores;
import dev.fcvm.cli.image.ImagesCommand;
import dev.fcvm.cli.image.LoadCommand;
import dev.fcvm.cli.image.PullCommand;
import dev.fcvm.cli.image.RmiCommand;
import dev.fcvm.cli.image.TagCommand;
import dev.fcvm.cli.image.UntagCommand;
import dev.fcvm.cli.inside.CpCommand;
import dev.fcvm.cli.inside.DiffCommand;
import dev.fcvm.cli.inside.StatsCommand;
import dev.fcvm.cli.inside.TopCommand;
import dev.fcvm.cli.lifecycle.AttachCommand;
import dev.fcvm.cli.lifecycle.EventsCommand;
import dev.fcvm.cli.lifecycle.ExecCommand;
import dev.fcvm.cli.lifecycle.HealthcheckCommand;
import dev.fcvm.cli.lifecycle.InspectCommand;
import dev.fcvm.cli.lifecycle.KillCommand;
import dev.fcvm.cli.lifecycle.LogsCommand;
import dev.fcvm.cli.lifecycle.PauseCommand;
import dev.fcvm.cli.lifecycle.PsCommand;
import dev.fcvm.cli.lifecycle.RenameCommand;
import dev.fcvm.cli.lifecycle.RestartCommand;
import dev.fcvm.cli.lifecycle.ResumeCommand;
import dev.fcvm.cli.lifecycle.RmCommand;
import dev.fcvm.cli.lifecycle.StartCommand;
import dev.fcvm.cli.lifecycle.StopCommand;
import dev.fcvm.cli.lifecycle.SuspendCommand;
import dev.fcvm.cli.lifecycle.UnpauseCommand;
import dev.fcvm.cli.lifecycle.WaitCommand;
import dev.fcvm.cli.network.NetworkCommand;
import dev.fcvm.cli.network.PortCommand;
import dev.fcvm.cli.network.PublishCommand;
import dev.fcvm.cli.network.UnpublishCommand;
import dev.fcvm.cli.pool.PoolCommand;
import dev.fcvm.cli.run.CreateCommand;
import dev.fcvm.cli.run.NewMachine;
import dev.fcvm.cli.run.RunCommand;
import dev.fcvm.cli.secret.SecretCommand;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.cli.snapshot.CloneCommand;
import dev.fcvm.cli.snapshot.SnapshotCommand;
import dev.fcvm.cli.volume.MapCommand;
import dev.fcvm.cli.volume.UnmapCommand;
import dev.fcvm.cli.volume.VolumeCommand;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.LivePorts;
import dev.fcvm.machine.RunningPorts;
import dev.fcvm.machine.spec.MachineSource.VmmSource;
import dev.fcvm.machine.store.Vmms;
import dev.fcvm.supervisor.Supervisor;
import java.nio.file.InvalidPathException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Finds the command that is meant, runs it, and turns its errors into a line and an exit code. */
public final class Program {

    /** fcvm or Podman failed, as opposed to the container. */
    static final int FAILED = 125;

    /** ConfigTest sees to it that none is missing. */
    static final String SECTIONS =
            "run create start stop restart kill wait attach exec logs inspect events pause unpause suspend resume"
                    + " healthcheck-run ps rm cp top stats diff rename container-exists container-prune"
                    + " system-df system-prune"
                    + " port publish unpublish map unmap clone snapshot-create snapshot-ls snapshot-inspect snapshot-rm snapshot-prune"
                    + " snapshot-export snapshot-import"
                    + " pool-create pool-ls pool-inspect pool-rm pool-exists"
                    + " network-ls network-create network-rm network-inspect network-exists"
                    + " secret-create secret-ls secret-inspect secret-rm secret-exists"
                    + " volume-create volume-ls volume-inspect volume-rm volume-prune volume-sync volume-export volume-import volume-exists"
                    + " pull load images rmi tag untag image-prune image-exists config-show"
                    + " config-example config-schema doctor version info supervisor-status supervisor-stop init";

    private static final List<String> VERSION_FLAGS = List.of("--version", "-v");

    private final CommandContext context;
    private final Optional<Supervisor> supervisor;
    private final OpenMachines machines;

    /** Makes one that acts in this context, in the caller's own process. */
    public Program(CommandContext context) {
        this(context, Vmms::choose);
    }

    /** Makes one whose machines run on these monitors, in the caller's own process. */
    Program(CommandContext context, VmmSource monitors) {
        this(
                context,
                Optional.empty(),
                OpenMachines.own(monitors, context.clock(), line -> context.complain("fcvm: " + line)));
    }

    /** Makes one that acts on these machines, for a supervisor if there is one; closes the machines when it has run. */
    Program(CommandContext context, Optional<Supervisor> supervisor, OpenMachines machines) {
        this.context = context;
        this.supervisor = supervisor;
        this.machines = machines;
    }

    /** Runs the command these arguments name, and returns the exit code. */
    public int run(String... typed) {
        String[] arguments = LongerNames.shortened(typed);
        if (arguments.length == 1 && VERSION_FLAGS.contains(arguments[0])) {
            return version();
        }
        String[] words;
        try {
            words = Configured.words(arguments, context, this::commandLine, sectionNames());
        } catch (FcvmException | InvalidPathException wrong) {
            return FailureReport.tell(wrong, false, context);
        }
        var output = new CheckedOutput(context.output());
        CommandLine commandLine = commandLine(words);
        commandLine.setOut(output.writer());
        commandLine.setErr(new CheckedOutput(context.error()).writer());
        commandLine.setExecutionExceptionHandler(handler());
        commandLine.setParameterExceptionHandler((failure, given) -> FailureReport.tell(
                new FcvmException(FcvmException.Kind.USAGE, UsageErrors.line(failure)), false, context));
        try (OpenMachines _ = machines) {
            int code = commandLine.execute(words);
            output.check();
            context.settle();
            return code;
        } catch (CommandContext.NobodyReads unwritten) {
            return FailureReport.tell(unwritten, false, context);
        } catch (Error defect) {
            // No stack, no memory: an image or a guest may have brought it about. What was begun has been undone by
            // now.
            return FailureReport.tell(defect, List.of(words).contains("--debug"), context);
        }
    }

    private int version() {
        try {
            context.print(Version.line());
            context.settle();
            return 0;
        } catch (CommandContext.NobodyReads unwritten) {
            return FailureReport.tell(unwritten, false, context);
        }
    }

    /** Builds the commands' descriptions: only that of the one that is meant, because each costs its time. */
    private CommandLine commandLine(String... arguments) {
        var root = new CommandLine(new RootCommand(context));
        Map<String, Supplier<Object>> commands = commands(List.of(arguments));
        Optional<String> meant = CommandWords.first(arguments).filter(commands::containsKey);
        commands.forEach((name, command) -> {
            if (meant.isEmpty() || meant.get().equals(name)) {
                root.addSubcommand(name, command.get());
            }
        });
        root.getSubcommands().values().forEach(sub -> sub.setStopAtPositional(stopsAtPositional(sub.getCommand())));
        Truth.on(root);
        root.setExpandAtFiles(false);
        root.setInterpolateVariables(false);
        root.setOverwrittenOptionsAllowed(true);
        root.setAllowOptionsAsOptionParameters(true);
        root.setUsageHelpWidth(100);
        root.setUsageHelpLongOptionsMaxWidth(30);
        return root;
    }

    /** What stands behind the image or the machine is the container's. */
    private static boolean stopsAtPositional(Object command) {
        return command instanceof NewMachine || command instanceof ExecCommand || command instanceof TopCommand;
    }

    private Map<String, Supplier<Object>> commands(List<String> words) {
        var commands = new LinkedHashMap<String, Supplier<Object>>();
        commands.put("run", () -> RunCommand.described(new RunCommand(context, machines), words));
        commands.put("create", () -> CreateCommand.described(new CreateCommand(context, machines), words));
        commands.put("start", () -> new StartCommand(context, machines));
        commands.put("stop", () -> new StopCommand(context, machines));
        commands.put("restart", () -> new RestartCommand(context, machines));
        commands.put("kill", () -> new KillCommand(context, machines));
        commands.put("wait", () -> new WaitCommand(context, machines));
        commands.put("attach", () -> new AttachCommand(context, machines));
        commands.put("exec", () -> new ExecCommand(context, machines));
        commands.put("logs", () -> new LogsCommand(context, machines));
        commands.put("inspect", () -> new InspectCommand(context, machines));
        commands.put("events", () -> new EventsCommand(context, machines));
        commands.put("pause", () -> new PauseCommand(context, machines));
        commands.put("unpause", () -> new UnpauseCommand(context, machines));
        commands.put("suspend", () -> new SuspendCommand(context, machines));
        commands.put("resume", () -> new ResumeCommand(context, machines));
        commands.put("ps", () -> new PsCommand(context, machines));
        commands.put("ls", () -> new PsCommand(context, machines));
        commands.put("version", () -> new VersionCommand(context));
        commands.put("info", () -> new InfoCommand(context));
        commands.put("rm", () -> new RmCommand(context, machines));
        commands.put("port", () -> new PortCommand(context, ports()));
        commands.put("publish", () -> new PublishCommand(context, ports()));
        commands.put("unpublish", () -> new UnpublishCommand(context, ports()));
        commands.put("map", () -> new MapCommand(context, machines));
        commands.put("unmap", () -> new UnmapCommand(context, machines));
        commands.put(
                "snapshot",
                () -> SnapshotCommand.in(context, machines, settings -> ImageStores.open(settings, context)));
        commands.put("clone", () -> new CloneCommand(context, machines));
        commands.put("pool", () -> PoolCommand.in(context, machines));
        commands.put("cp", () -> new CpCommand(context, machines));
        commands.put("top", () -> new TopCommand(context, machines));
        commands.put("stats", () -> new StatsCommand(context, machines));
        commands.put("diff", () -> new DiffCommand(context, machines));
        commands.put("rename", () -> new RenameCommand(context, machines));
        commands.put("container", () -> ContainerCommand.in(context, machines));
        commands.put("system", () -> SystemCommand.in(context, machines));
        commands.put("healthcheck", () -> HealthcheckCommand.in(context, machines));
        commands.put("network", () -> NetworkCommand.in(context, machines));
        commands.put("volume", () -> VolumeCommand.in(context, machines));
        commands.put("secret", () -> SecretCommand.in(context));
        commands.put("pull", () -> new PullCommand(context));
        commands.put("images", () -> new ImagesCommand(context));
        commands.put("rmi", () -> new RmiCommand(context));
        commands.put("load", () -> new LoadCommand(context));
        commands.put("tag", () -> new TagCommand(context));
        commands.put("untag", () -> new UntagCommand(context));
        commands.put("image", () -> ImageCommand.in(context));
        commands.put("config", () -> ConfigCommand.in(context, this::sections));
        commands.put("doctor", () -> new DoctorCommand(context));
        commands.put("supervisor", () -> SupervisorCommand.in(context, supervisor));
        commands.put("init", () -> new InitCommand(context));
        return commands;
    }

    /** Returns what configuration files may say of flags. */
    Map<String, ConfigSection> sections() {
        return Configured.sections(commands(List.of("--help")));
    }

    /** The names of all sections, without the commands' descriptions, which cost their time. */
    private static Set<String> sectionNames() {
        return Set.of(SECTIONS.split(" "));
    }

    private LivePorts ports() {
        return new RunningPorts(() -> new SettingsFlags().settings(context));
    }

    private IExecutionExceptionHandler handler() {
        return (failure, command, parsed) -> FailureReport.tell(failure, parsed != null && isDebug(parsed), context);
    }

    private static boolean isDebug(ParseResult parsed) {
        return parsed.hasMatchedOption("--debug") || (parsed.hasSubcommand() && isDebug(parsed.subcommand()));
    }
}
