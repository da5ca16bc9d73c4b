package dev.fcvm.cli.lifecycle;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.HumanText;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.host.text.PrintableText;
import dev.fcvm.machine.Machines;
import dev.fcvm.machine.store.MachineView;
import io.avaje.jsonb.Jsonb;
import io.avaje.jsonb.Types;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code fcvm ps}. */
@Command(
        name = "ps",
        header = "List machines.",
        description = "Shows the machines that run; with -a also those that have ended.")
public final class PsCommand implements Callable<Integer> {

    private static final List<String> COLUMNS =
            List.of("ID", "Image", "Command", "RunningFor", "Status", "Ports", "Names");

    private final CommandContext context;
    private final OpenMachines open;

    @Option(
            names = {"-a", "--all"},
            description = "Show machines that have ended as well.")
    boolean all;

    @Option(names = "--json", description = "Print them as a JSON array, with fcvm's own fields.")
    boolean json;

    @Option(
            names = {"-q", "--quiet"},
            description = "Print their ids only.")
    boolean quiet;

    @Option(names = "--no-trunc", description = "Print whole ids and texts.")
    boolean whole;

    @Option(
            names = {"-n", "--last"},
            paramLabel = "NUMBER",
            description = "Show so many that were made last, also such that have ended.")
    @Nullable Integer last;

    @Option(
            names = {"-l", "--latest"},
            description = "Show the one that was made last.")
    boolean latest;

    @Option(names = "--noheading", description = "Leave the heading out.")
    boolean noHeading;

    @Option(
            names = {"-f", "--filter"},
            paramLabel = "KEY=VALUE",
            description = "Show some only: ancestor, before, command, exited, id, label, name, network, since, status.")
    List<String> filters = new ArrayList<>();

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "json with podman ps's fields, or a template such as 'table {{.Names}}\\t{{.Status}}'.")
    @Nullable String format;

    @Mixin
    CommonFlags common = new CommonFlags();

    /** Makes the command. */
    public PsCommand(CommandContext context, OpenMachines open) {
        this.context = context;
        this.open = open;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        if (latest || (last != null && last >= 0)) {
            all = true;
        }
        ListFilter filter = ListFilter.parse(filters);
        Optional<Columns> columns =
                format == null || format.equals("json") ? Optional.empty() : Optional.of(Columns.parse(format));
        List<ListedMachine> machines = machines(filter);
        if (json) {
            context.printJson(Jsonb.instance()
                    .<List<MachineView>>type(Types.listOf(MachineView.class))
                    .toJson(machines.stream().map(ListedMachine::view).toList()));
        } else if (quiet) {
            machines.forEach(machine -> context.print(
                    whole ? machine.view().id() : machine.view().id().substring(0, 12)));
        } else if (columns.isPresent()) {
            List<Map<String, Object>> rows =
                    machines.stream().map(machine -> machine.fields(whole)).toList();
            columns.get().print(context, ListedMachine.HEADINGS, rows, !noHeading);
        } else if (format != null) {
            context.printJson(Jsonb.instance()
                    .type(Object.class)
                    .list()
                    .toJson(machines.stream()
                            .<Object>map(ListedMachine::document)
                            .toList()));
        } else {
            HumanText.table(rows(machines)).forEach(context::print);
        }
        if (machines.stream().anyMatch(machine -> machine.view().isAbandoned())) {
            context.complain("the fcvm process of an abandoned machine was killed, while what it started may"
                    + " run still, ports included: the next fcvm run ends it, or fcvm rm -f NAME");
        }
        return 0;
    }

    /** Returns what is to be shown, as Podman has it: what was made last, first. */
    private List<ListedMachine> machines(ListFilter filter) throws FcvmException, InterruptedException {
        Machines machines = open.of(new SettingsFlags().settings(context));
        var now = context.clock().instant();
        List<ListedMachine> listed = machines.views().stream()
                .map(view -> new ListedMachine(view, now))
                .toList();
        List<ListedMachine> shown = filter.of(listed).stream()
                .filter(machine -> all || filter.namesStates() || machine.view().live())
                .sorted(Comparator.comparing(ListedMachine::created))
                .toList();
        int most = latest ? 1 : last == null || last < 0 ? shown.size() : Math.min(last, shown.size());
        return shown.subList(shown.size() - most, shown.size());
    }

    private List<List<String>> rows(List<ListedMachine> machines) {
        List<List<String>> rows = new ArrayList<>();
        if (!noHeading) {
            rows.add(COLUMNS.stream()
                    .map(name -> ListedMachine.HEADINGS.getOrDefault(name, name))
                    .toList());
        }
        for (ListedMachine machine : machines) {
            Map<String, Object> fields = machine.fields(whole);
            rows.add(COLUMNS.stream()
                    .map(name -> printable(String.valueOf(fields.get(name)), name))
                    .toList());
        }
        return rows;
    }

    private String printable(String text, String column) {
        int most = whole
                ? Integer.MAX_VALUE
                : switch (column) {
                    case "Image" -> 40;
                    case "Command" -> 20;
                    case "Status" -> 40;
                    default -> Integer.MAX_VALUE;
                };
        return PrintableText.line(text, most);
    }
}
