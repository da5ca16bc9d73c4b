package dev.fcvm.cli.lifecycle;

import dev.fcvm.cli.shared.EachName;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.store.MachineReport;
import io.avaje.jsonb.JsonType;
import io.avaje.jsonb.Jsonb;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm inspect}. */
@Command(
        name = "inspect",
        header = "Show all that is known of machines.",
        description = "A JSON array, with podman inspect's names.")
public final class InspectCommand extends MachineCommand {

    @Option(
            names = {"-f", "--format"},
            paramLabel = "FORMAT",
            description = "json, or a template such as '{{.State.Status}} {{.State.ExitCode}}'.")
    @Nullable String format;

    @Parameters(arity = "1..*", paramLabel = "MACHINE", description = MACHINE)
    List<String> references = new ArrayList<>();

    /** Makes the command. */
    public InspectCommand(CommandContext context, OpenMachines open) {
        super(context, open);
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        Optional<Template> template =
                format == null || format.equals("json") ? Optional.empty() : Optional.of(Template.parse(format));
        JsonType<MachineReport> type =
                Jsonb.builder().serializeEmpty(true).build().type(MachineReport.class);
        var reports = new ArrayList<MachineReport>();
        int code = EachName.of(context)
                .run(
                        references,
                        reference -> reports.add(machines().find(reference).report()));
        if (template.isEmpty()) {
            context.printJson(type.list().toJsonPretty(reports));
        } else {
            for (MachineReport report : reports) {
                context.print(template.get().fill(type.toJson(report)));
            }
        }
        return code;
    }
}
