package dev.fcvm.cli.volume;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.volume.named.VolumeStore;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code fcvm volume ls}. */
@Command(name = "ls", header = "List the volumes.", description = "Prints what podman volume ls prints.")
public final class VolumeLsCommand implements Callable<Integer> {

    private static final String ROW = "%-12s%s";

    private final CommandContext context;

    @Option(
            names = {"-q", "--quiet"},
            description = "Print the names only.")
    boolean quiet;

    @Mixin
    CommonFlags common = new CommonFlags();

    VolumeLsCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        List<VolumeStore.Found> volumes = Volumes.store(context).list();
        if (quiet) {
            volumes.forEach(volume -> context.print(volume.what().name()));
        } else {
            context.print(ROW.formatted("DRIVER", "VOLUME NAME"));
            volumes.forEach(
                    volume -> context.print(ROW.formatted("local", volume.what().name())));
        }
        return 0;
    }
}
