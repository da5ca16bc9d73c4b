package dev.fcvm.cli;

import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.Check;
import dev.fcvm.machine.Doctor;
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
                        + " why, and what killed runs have left.",
        footer = {"", "Exit code: 0 when a machine could run now, else 1."})
public final class DoctorCommand implements Callable<Integer> {

    private static final String ROW = "  %-8s %-16s %s";
    private static final String FIX_ROW = "  %-8s %-16s mend: %s";

    private final Surroundings surroundings;

    @Option(names = "--json", description = "Print it as one JSON object.")
    boolean json;

    @Mixin
    SettingsFlags settingsFlags = new SettingsFlags();

    @Mixin
    CommonFlags common = new CommonFlags();

    DoctorCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        Settings settings = settingsFlags.settings(surroundings.environment());
        Doctor.Report report = new Doctor(settings, surroundings.clock()).examine();
        if (json) {
            surroundings.print(Jsonb.instance().type(Doctor.Report.class).toJson(report));
        } else {
            report.checks().forEach(this::print);
            surroundings.print(report.usable() ? "A machine can run here." : "No machine can run here yet.");
        }
        return report.usable() ? 0 : 1;
    }

    private void print(Check check) {
        surroundings.print(ROW.formatted(check.status(), check.title(), check.detail()));
        if (!check.fix().isEmpty()) {
            surroundings.print(FIX_ROW.formatted("", "", check.fix()));
        }
    }
}
