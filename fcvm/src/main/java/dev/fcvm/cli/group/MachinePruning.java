package dev.fcvm.cli.group;

import dev.fcvm.cli.shared.EachName;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.Machine;
import dev.fcvm.machine.Machines;
import dev.fcvm.machine.store.MachineView;
import java.util.List;
import java.util.Optional;

/**
 * Removes machines that do not run.
 *
 * @param machines all there are
 * @param filter which of them
 */
record MachinePruning(Machines machines, PruneFilter filter) {

    private static final List<String> OVER = List.of("created", "exited", "failed");

    /** Returns whether nothing of a machine runs, and nothing is to go on. */
    static boolean isOver(MachineView machine) {
        return OVER.contains(machine.state());
    }

    /**
     * Does it, and prints the id of each.
     *
     * @return the exit code
     */
    int run(CommandContext context) throws FcvmException, InterruptedException {
        List<String> over = machines.views().stream()
                .filter(view -> isOver(view) && filter.takes(view))
                .map(MachineView::id)
                .toList();
        return EachName.of(context).run(over, id -> {
            // Another prune, or a start, may have come first.
            Optional<Machine> machine = machines.named(id);
            if (machine.isPresent()) {
                machine.get().remove(false).forEach(line -> context.complain("fcvm: " + line));
                context.print(id);
            }
        });
    }
}
