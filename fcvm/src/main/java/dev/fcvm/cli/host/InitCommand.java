package dev.fcvm.cli.host;

import dev.fcvm.cli.run.RunReport;
import dev.fcvm.cli.run.Timings;
import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.live.WarmMaker;
import dev.fcvm.machine.store.Vmms;
import dev.fcvm.settings.Settings;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Unmatched;

/** {@code fcvm init}. */
@Command(
        name = "init",
        header = "Make the base: kernel, initial file system, root file system with Podman and the agent.",
        description =
                "The same as scripts/fcvm-init.sh. Steps whose inputs have not changed are skipped; interrupted, the"
                        + " next one finishes the work. Where machines run in Firecracker, also the warm base of a machine"
                        + " for which nothing is asked for, unless FCVM_WARM_BASE=no.")
public final class InitCommand implements Callable<Integer> {

    private final CommandContext context;

    @Mixin
    CommonFlags common = new CommonFlags();

    @Parameters(arity = "0..*", paramLabel = "ARGUMENT", description = "Handed to the script.")
    List<String> arguments = new ArrayList<>();

    @Unmatched
    List<String> flags = new ArrayList<>();

    /** Makes the command. */
    public InitCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        Settings settings = new SettingsFlags().settings(context);
        var all = new ArrayList<>(flags);
        all.addAll(arguments);
        int code = Scripts.run(settings, "fcvm-init.sh", all);
        if (code == 0 && settings.warmBase() && all.isEmpty()) {
            warm(settings);
        }
        return code;
    }

    /** The base is made; without this one, the first run boots. */
    private void warm(Settings settings) throws InterruptedException {
        var report = new RunReport(context, false, Timings.since(context.startedNanos()));
        try {
            WarmMaker.makeUsual(settings, Vmms::choose, Clock.systemUTC(), report);
        } catch (FcvmException failure) {
            context.complain("fcvm: no warm base was made, and the first run boots: " + failure.getMessage());
        }
    }
}
