package dev.fcvm.cli.volume;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.EachName;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.volume.VolumeName;
import dev.fcvm.volume.named.VolumeStore;
import io.avaje.jsonb.Jsonb;
import io.avaje.jsonb.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code fcvm volume inspect}. */
@Command(
        name = "inspect",
        header = "Show volumes, as JSON.",
        description = "Prints an array of those that are there, also when one is not, as podman volume inspect does.")
public final class VolumeInspectCommand implements Callable<Integer> {

    private final CommandContext context;

    @Parameters(arity = "1..*", paramLabel = "VOLUME", description = "Its name.")
    List<String> volumes = new ArrayList<>();

    @Mixin
    CommonFlags common = new CommonFlags();

    VolumeInspectCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        VolumeStore store = Volumes.store(context);
        List<VolumeView> found = new ArrayList<>();
        int code =
                EachName.of(context).run(volumes, name -> found.add(VolumeView.of(store.find(VolumeName.parse(name)))));
        context.printJson(Jsonb.instance()
                .<List<VolumeView>>type(Types.listOf(VolumeView.class))
                .toJson(found));
        return code;
    }
}
