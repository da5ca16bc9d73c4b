package dev.fcvm.cli.lifecycle;

import dev.fcvm.cli.shared.EachName;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.Machine;
import dev.fcvm.machine.store.MachineReport;
import io.avaje.jsonb.JsonType;
import io.avaje.jsonb.Jsonb;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm inspect}. */
@Command(
        name = "inspect",
        header = "Show all that is known of machines, or images.",
        description = "A JSON array, with podman inspect's names.")
public final class InspectCommand extends MachineCommand {

    private static final List<String> TYPES = List.of("all", "container", "image");

    @Option(
            names = {"-f", "--format"},
            paramLabel = "FORMAT",
            description = "json, or a template such as '{{.State.Status}} {{.State.ExitCode}}'.")
    @Nullable String format;

    @Option(
            names = {"-t", "--type"},
            paramLabel = "TYPE",
            description = "container for a machine, image for an image in the store; all for either. Default: all.")
    String type = "all";

    @Parameters(arity = "1..*", paramLabel = "MACHINE", description = MACHINE + " An image's, too.")
    List<String> references = new ArrayList<>();

    /** Makes the command. */
    public InspectCommand(CommandContext context, OpenMachines open) {
        super(context, open);
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        if (!TYPES.contains(type)) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE, "--type is \"" + type + "\"; it must be container, image or all");
        }
        Optional<Template> template =
                format == null || format.equals("json") ? Optional.empty() : Optional.of(Template.parse(format));
        JsonType<MachineReport> written =
                Jsonb.builder().serializeEmpty(true).build().type(MachineReport.class);
        List<MachineReport> machines = new ArrayList<>();
        List<String> documents = new ArrayList<>();
        int code = EachName.of(context).run(references, reference -> {
            Optional<Machine> machine =
                    type.equals("image") ? Optional.empty() : machines().named(reference);
            if (machine.isPresent()) {
                MachineReport report = machine.get().report();
                machines.add(report);
                documents.add(written.toJson(report));
            } else {
                documents.add(Jsonb.instance().type(Object.class).toJson(image(reference)));
            }
        });
        if (template.isPresent()) {
            for (String document : documents) {
                context.print(template.get().fill(document));
            }
        } else if (machines.size() == documents.size()) {
            context.printJson(written.list().toJsonPretty(machines));
        } else {
            context.printJson("[" + String.join(",\n", documents) + "]");
        }
        return code;
    }

    private Map<String, Object> image(String reference) throws FcvmException, InterruptedException {
        Optional<Map<String, Object>> image =
                type.equals("container") ? Optional.empty() : ImageReport.find(settings(), context, reference);
        if (image.isPresent()) {
            return image.get();
        }
        throw new FcvmException(
                FcvmException.Kind.NOT_FOUND,
                type.equals("image")
                        ? "image " + reference + " is not in the store: see fcvm images"
                        : "there is no machine \"" + reference + "\"; see them with: fcvm ps -a");
    }
}
