package dev.fcvm.cli.inside;

import dev.fcvm.cli.lifecycle.Columns;
import dev.fcvm.cli.lifecycle.MachineCommand;
import dev.fcvm.cli.shared.HumanText;
import dev.fcvm.cli.shared.Interruptible;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.machine.Machine;
import dev.fcvm.machine.Machines;
import dev.fcvm.machine.inside.Usage;
import dev.fcvm.machine.store.MachineView;
import io.avaje.jsonb.Jsonb;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm stats}. */
@Command(
        name = "stats",
        header = "Show what containers use: processors, memory, network, disks, processes.",
        description =
                "As podman stats, of the container in its machine: the kernel of the machine itself, Podman there and"
                        + " the monitor on this host are not counted. The network is the machine's card, since its boot.")
public final class StatsCommand extends MachineCommand {

    private static final String CLEAR = "\u001b[2J\u001b[H";
    private static final int LONGEST_INTERVAL = 86_400;

    @Option(
            names = {"-a", "--all"},
            description = "Show all machines, not just those that run.")
    boolean all;

    @Option(names = "--no-stream", description = "Show them once.")
    boolean once;

    @Option(names = "--no-reset", description = "Do not clear the terminal before each list.")
    boolean noReset;

    @Option(names = "--no-trunc", description = "Print whole ids.")
    boolean whole;

    @Option(
            names = {"-i", "--interval"},
            paramLabel = "SECONDS",
            description = "How often they are shown. Default: 5.")
    int interval = 5;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "json, or a template such as 'table {{.Name}}\\t{{.MemUsage}}'.")
    @Nullable String format;

    @Parameters(arity = "0..*", paramLabel = "MACHINE", description = MACHINE + " Default: all that run.")
    List<String> references = new ArrayList<>();

    /** Makes the command. */
    public StatsCommand(CommandContext context, OpenMachines open) {
        super(context, open);
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        if (all && !references.isEmpty()) {
            throw new FcvmException(Kind.USAGE, "--all and the names of machines exclude each other");
        }
        if (interval < 1 || interval > LONGEST_INTERVAL) {
            throw new FcvmException(Kind.USAGE, "--interval is " + interval + "; it must be 1 or more seconds");
        }
        Optional<Columns> columns =
                format == null || format.equals("json") ? Optional.empty() : Optional.of(Columns.parse(format));
        Machines machines = machines();
        List<Machine> named = new ArrayList<>();
        for (String reference : references) {
            named.add(machines.find(reference));
        }
        return Interruptible.run(context, () -> {
            while (true) {
                List<StatsRow> rows = rows(machines, named);
                if (!once && !noReset && context.outputIsTerminal()) {
                    context.show(CLEAR);
                }
                show(columns, rows);
                if (once) {
                    return 0;
                }
                Thread.sleep(Duration.ofSeconds(interval));
            }
        });
    }

    private List<StatsRow> rows(Machines machines, List<Machine> named) throws FcvmException, InterruptedException {
        List<StatsRow> rows = new ArrayList<>();
        if (!named.isEmpty()) {
            for (Machine machine : named) {
                rows.add(row(machine));
            }
            return rows;
        }
        for (MachineView view : machines.views()) {
            if (view.state().equals("running")) {
                // One may end between the list and the look.
                Optional<Machine> machine = machines.named(view.id());
                if (machine.isPresent()) {
                    look(machine.get()).ifPresent(rows::add);
                }
            } else if (all) {
                rows.add(StatsRow.ofResting(view.id(), view.name()));
            }
        }
        return rows;
    }

    private Optional<StatsRow> look(Machine machine) throws FcvmException, InterruptedException {
        try {
            return Optional.of(row(machine));
        } catch (FcvmException failure) {
            if (failure.kind() == Kind.IN_USE || failure.kind() == Kind.NOT_FOUND) {
                return Optional.empty();
            }
            throw failure;
        }
    }

    private static StatsRow row(Machine machine) throws FcvmException, InterruptedException {
        return StatsRow.of(machine.id().value(), machine.name(), Usage.of(machine.podman("asked what it uses")));
    }

    private void show(Optional<Columns> columns, List<StatsRow> rows) throws FcvmException {
        if (columns.isPresent()) {
            List<Map<String, Object>> fields =
                    rows.stream().map(row -> row.fields(whole)).toList();
            columns.get().print(context, StatsRow.HEADINGS, fields, true);
        } else if (format != null) {
            context.printJson(Jsonb.instance()
                    .type(Object.class)
                    .list()
                    .toJson(rows.stream()
                            .<Object>map(row -> row.document(whole))
                            .toList()));
        } else {
            List<List<String>> table = new ArrayList<>();
            table.add(StatsRow.COLUMNS.stream().map(StatsRow.HEADINGS::get).toList());
            for (StatsRow row : rows) {
                Map<String, Object> fields = row.fields(whole);
                table.add(StatsRow.COLUMNS.stream()
                        .map(name -> String.valueOf(fields.get(name)))
                        .toList());
            }
            HumanText.table(table).forEach(context::print);
        }
    }
}
