package dev.fcvm.cli;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.host.PrintableText;
import dev.fcvm.machine.MachineStore;
import dev.fcvm.machine.MachineView;
import dev.fcvm.settings.Settings;
import io.avaje.jsonb.Jsonb;
import io.avaje.jsonb.Types;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code fcvm ps}. */
@Command(
        name = "ps",
        header = "List machines.",
        description = "Shows the machines that run; with -a also those that have ended.")
public final class PsCommand implements Callable<Integer> {

    private static final String ROW = "%-14s%-32s%-22s%-22s%-24s%s";

    private final CommandContext context;

    @Option(
            names = {"-a", "--all"},
            description = "Show machines that have ended as well.")
    boolean all;

    @Option(names = "--json", description = "Print them as a JSON array.")
    boolean json;

    @Mixin
    CommonFlags common = new CommonFlags();

    PsCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        Settings settings = new SettingsFlags().settings(context);
        MachineStore store = MachineStore.open(settings.directories());
        List<MachineView> machines = MachineView.all(store, context.clock()).stream()
                .filter(machine -> all || machine.live())
                .toList();
        if (json) {
            context.print(Jsonb.instance()
                    .<List<MachineView>>type(Types.listOf(MachineView.class))
                    .toJson(machines));
        } else {
            context.print(ROW.formatted("MACHINE ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "NAME"));
            machines.forEach(this::print);
            if (machines.stream().anyMatch(MachineView::isAbandoned)) {
                context.complain("the fcvm process of an abandoned machine was killed, while what it started may"
                        + " run still, ports included: the next fcvm run ends it, or fcvm rm -f NAME");
            }
        }
        return 0;
    }

    private void print(MachineView machine) {
        context.print(ROW.formatted(
                machine.id().substring(0, 12),
                PrintableText.line(machine.image(), 30),
                PrintableText.line(String.join(" ", machine.command()), 20),
                machine.created().replaceFirst("\\..*", "").replace('T', ' '),
                PrintableText.line(machine.status(), 23),
                machine.name()));
    }
}
