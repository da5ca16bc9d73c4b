package dev.fcvm.cli.volume;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import dev.fcvm.settings.DataSize;
import dev.fcvm.volume.VolumeName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm volume create}. */
@Command(
        name = "create",
        header = "Make a volume.",
        description = "Prints its name. It takes of this host's disk what is written to it.")
public final class VolumeCreateCommand implements Callable<Integer> {

    private static final String SIZE = "size=";

    private final CommandContext context;

    @Option(names = "--size", paramLabel = "SIZE", description = "The most it holds, such as 20g. Default: 10g.")
    @Nullable String size;

    @Option(
            names = {"-l", "--label"},
            paramLabel = "NAME[=VALUE]",
            description = "Label it.")
    List<String> labels = new ArrayList<>();

    @Option(
            names = {"-o", "--opt"},
            paramLabel = "size=SIZE",
            description = "The same as --size.")
    List<String> options = new ArrayList<>();

    @Option(
            names = {"-d", "--driver"},
            paramLabel = "local",
            description = "How it is kept: there is one way, a disk on this host.")
    String driver = "local";

    @Option(
            names = "--ignore",
            description = "Be content when there is one of this name; with --size it grows, if no machine has it.")
    boolean ignore;

    @Parameters(arity = "0..1", paramLabel = "NAME", description = "Its name. Default: a made-up one.")
    @Nullable String name;

    @Mixin
    CommonFlags common = new CommonFlags();

    VolumeCreateCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        VolumeName wanted = VolumeName.parse(
                name == null ? MachineId.random().value() + MachineId.random().value() : name);
        if (!driver.equals("local")) {
            throw new FcvmException(FcvmException.Kind.USAGE, "--driver is \"" + driver + "\"; there is only: local");
        }
        Optional<DataSize> bytes = size == null ? Optional.empty() : Optional.of(parsed(size));
        for (String option : options) {
            if (!option.startsWith(SIZE)) {
                throw new FcvmException(
                        FcvmException.Kind.USAGE, "--opt is \"" + option + "\"; a volume has only: size=SIZE");
            }
            bytes = Optional.of(parsed(option.substring(SIZE.length())));
        }
        Volumes.store(context).create(wanted, bytes, labels, ignore);
        context.print(wanted.value());
        return 0;
    }

    private static DataSize parsed(String text) throws FcvmException {
        return DataSize.parse(text)
                .orElseThrow(() -> new FcvmException(
                        FcvmException.Kind.USAGE,
                        "--size is \"" + text + "\"; it must be a number such as 512m or 20g"));
    }
}
