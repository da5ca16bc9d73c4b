package dev.fcvm.cli.host;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.Interruptible;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.check.Check;
import dev.fcvm.machine.check.Doctor;
import dev.fcvm.settings.Settings;
import io.avaje.jsonb.Jsonb;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code fcvm doctor}. */
@Command(
        name = "doctor",
        header = "Say what this host can do, and what would mend what it cannot.",
        description =
                "Shows what scripts/preflight.sh finds, and beyond that: the base, what --mode and --vmm come to and"
                        + " why, and what killed runs have left. With --deep it also boots a machine on each monitor that"
                        + " could run here, and says how long that took.",
        footer = {"", "Exit code: 0 when a machine could run now, else 1; 128+N when signal N ended it."})
public final class DoctorCommand implements Callable<Integer> {

    private final CommandContext context;

    @Option(names = "--json", description = "Print it as one JSON object.")
    boolean json;

    @Option(
            names = "--deep",
            description = "Boot a machine, without a container, on each monitor that could run here: until its agent"
                    + " answers. Needs the base, but no image.")
    boolean deep;

    @Mixin
    SettingsFlags settingsFlags = new SettingsFlags();

    @Mixin
    CommonFlags common = new CommonFlags();

    /** Makes the command. */
    public DoctorCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        Settings settings = settingsFlags.settings(context);
        var doctor = new Doctor(settings, context.clock());
        return deep ? Interruptible.run(context, () -> show(doctor.examineByBooting())) : show(doctor.examine());
    }

    private int show(Doctor.Report report) {
        if (json) {
            context.printJson(Jsonb.instance().type(Doctor.Report.class).toJson(report));
        } else {
            report.checks().forEach(this::print);
            context.print(report.usable() ? "A machine can run here." : "No machine can run here yet.");
        }
        return report.usable() ? 0 : 1;
    }

    private void print(Check check) {
        // What a console said last is more than one line.
        String detail = check.detail().replace("\n", "\n" + " ".repeat(28));
        context.print("  %-8s %-16s %s".formatted(check.status(), check.title(), detail));
        if (!check.fix().isEmpty()) {
            context.print("  %-8s %-16s mend: %s".formatted("", "", check.fix()));
        }
    }
}
