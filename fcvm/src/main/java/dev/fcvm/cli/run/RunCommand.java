package dev.fcvm.cli.run;

import dev.fcvm.cli.image.ImageOptions;
import dev.fcvm.cli.run.OutputOptions.Streams;
import dev.fcvm.cli.shared.AttachedTerminal;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.cli.snapshot.SaveWhenReady;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.ForegroundRun;
import dev.fcvm.machine.ForegroundRun.Origin;
import dev.fcvm.machine.Machine;
import dev.fcvm.machine.Machines;
import dev.fcvm.machine.spec.MachineSource;
import dev.fcvm.machine.spec.RunRequest;
import java.util.Optional;
import picocli.CommandLine.Command;

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
public final class RunCommand extends NewMachine {

    /** Makes the command. */
    public RunCommand(CommandContext context, OpenMachines machines) {
        super(context, machines);
    }

    @Override
    public Integer call() throws FcvmException {
        String format = timingsFormat();
        Wanted wanted = wanted();
        var timings = Timings.since(context.startedNanos());
        var report = new RunReport(context, output.quiet, timings);
        int code;
        try (ImageOptions _ = images) {
            code = run(machines.of(wanted.settings()), wanted.request(), source(wanted.settings(), report));
        }
        if (!format.isEmpty()) {
            context.complain(timings.report(format.equals("json")));
        }
        return code;
    }

    private int run(Machines all, RunRequest request, MachineSource source) throws FcvmException {
        Optional<String> pool = saving.pool();
        if (saving.warm()) {
            WarmRun.check(request, saving.wanted().isPresent());
            try (var warm = new WarmRun(all, request, source)) {
                return warm.run(origin -> run(origin, source));
            }
        }
        Origin origin = () -> {
            Sweeping.before(all, source.listener());
            return pool.isPresent() ? all.pools().run(pool.get(), request, source) : all.create(request, source, true);
        };
        Optional<String> snapshot = saving.wanted();
        if (snapshot.isEmpty()) {
            return run(origin, source);
        }
        try (var saver = new SaveWhenReady(context, source.settings(), snapshot.get(), saving.exits())) {
            saver.check();
            return saver.judge(run(
                    () -> {
                        Machine made = origin.get();
                        saver.begin(made);
                        return made;
                    },
                    source));
        }
    }

    private int run(Origin origin, MachineSource source) throws FcvmException {
        var run = new ForegroundRun(source.listener(), context.signals(), true);
        if (machine.detach) {
            return new BackgroundRun(context, run).execute(origin);
        }
        try (var terminal = AttachedTerminal.of(context, machine.tty, machine.keys())) {
            Streams wanted = output.streams(machine.interactive);
            return run.execute(origin, terminal.stdio(wanted.input(), wanted.output(), wanted.error()), false);
        }
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
