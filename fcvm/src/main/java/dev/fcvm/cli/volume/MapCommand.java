package dev.fcvm.cli.volume;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.Machine;
import dev.fcvm.volume.MapMode;
import dev.fcvm.volume.Mapping;
import dev.fcvm.volume.flags.MappingFlags;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code fcvm map}. */
@Command(
        name = "map",
        header = "Map directories or files of this host into a machine that runs.",
        description =
                "Live on both sides (mode=sshfs), or a copy whose changes come back when it is taken away or the machine"
                        + " ends (mode=block). docs/mappings.md.")
public final class MapCommand implements Callable<Integer> {

    private final CommandContext context;
    private final OpenMachines open;

    @Parameters(index = "0", paramLabel = "MACHINE", description = "Its name, its id or the beginning of its id.")
    String machine = "";

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "HOST:GUEST[:ro|rw][,WORD…]",
            description = "What --map of fcvm run takes.")
    List<String> maps = new ArrayList<>();

    @Mixin
    CommonFlags common = new CommonFlags();

    /** Makes the command. */
    public MapCommand(CommandContext context, OpenMachines open) {
        this.context = context;
        this.open = open;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        MappingFlags.Read read =
                new MappingFlags(Optional.of(MapMode.SSHFS.word()), context::path).read(maps, List.of(), List.of());
        Machine found = open.of(Volumes.settings(context)).find(machine);
        for (Mapping mapping : read.mappings()) {
            if (mapping instanceof Mapping.HostDirectory directory) {
                found.map(directory);
            }
        }
        return 0;
    }
}
