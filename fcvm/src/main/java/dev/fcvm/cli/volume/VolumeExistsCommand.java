package dev.fcvm.cli.volume;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code fcvm volume exists}. */
@Command(
        name = "exists",
        header = "Tell by the exit code whether there is a volume.",
        description = "Exits with 0 when there is, and with 1 when there is not.")
public final class VolumeExistsCommand implements Callable<Integer> {

    private final CommandContext context;

    @Parameters(paramLabel = "VOLUME", description = "Its name.")
    String volume = "";

    @Mixin
    CommonFlags common = new CommonFlags();

    VolumeExistsCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        boolean there = Volumes.store(context).list().stream()
                .anyMatch(one -> one.what().name().equals(volume));
        return there ? 0 : 1;
    }
}
