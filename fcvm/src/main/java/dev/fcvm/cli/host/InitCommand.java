package dev.fcvm.cli.host;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.settings.Settings;
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
                        + " next one finishes the work.")
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
        return Scripts.run(settings, "fcvm-init.sh", all);
    }
}
