package dev.fcvm.cli.snapshot;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.Interruptible;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.machine.SnapshotTransfer;
import dev.fcvm.snapshot.Snapshot;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm snapshot import}. */
@Command(
        name = "import",
        header = "Make a snapshot of what fcvm snapshot export has written.",
        description = {
            "Refused where machines of it could not go on, with what differs. Prints the snapshot's name.",
            "What machines of it do is decided by the file, their network's rules included: import only from whom you"
                    + " trust."
        })
public final class SnapshotImportCommand implements Callable<Integer> {

    private static final String STANDARD_INPUT = "-";

    private final CommandContext context;
    private final OpenMachines machines;
    private final Images images;

    @Parameters(index = "0", paramLabel = "FILE", description = "The file; - for standard input.")
    String file = "";

    @Option(names = "--name", paramLabel = "SNAPSHOT", description = "What it is to be called. Default: as it was.")
    @Nullable String name;

    @Mixin
    CommonFlags common = new CommonFlags();

    SnapshotImportCommand(CommandContext context, OpenMachines machines, Images images) {
        this.context = context;
        this.machines = machines;
        this.images = images;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        SnapshotTransfer transfer = images.transfer(new SettingsFlags().settings(context));
        return Interruptible.run(context, () -> {
            try (InputStream from = open()) {
                Snapshot there = transfer.read(from, Optional.ofNullable(name), machines.monitors());
                SnapshotTransfer.missing(there).forEach(line -> context.complain("fcvm: " + line));
                context.print(there.name());
            } catch (IOException failure) {
                throw new FcvmException(Kind.HOST, "cannot read " + file + ": " + IoReason.of(failure), failure);
            }
            return 0;
        });
    }

    private InputStream open() throws IOException {
        return file.equals(STANDARD_INPUT)
                ? Channels.newInputStream(context.input())
                : Files.newInputStream(context.path(file));
    }
}
