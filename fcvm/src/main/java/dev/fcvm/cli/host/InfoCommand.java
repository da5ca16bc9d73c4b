package dev.fcvm.cli.host;

import dev.fcvm.cli.image.ImageStores;
import dev.fcvm.cli.lifecycle.Formatted;
import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.store.MachineStore;
import dev.fcvm.machine.store.MachineView;
import dev.fcvm.settings.Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code fcvm info}. */
@Command(
        name = "info",
        header = "Show this host, and what fcvm has on it.",
        description =
                "Podman's names where it has such a thing. What is missing here, and what would mend it: fcvm doctor.")
public final class InfoCommand implements Callable<Integer> {

    private final CommandContext context;

    @Option(
            names = {"-f", "--format"},
            paramLabel = "FORMAT",
            description = "json, or a template such as '{{.Store.GraphRoot}}'.")
    @Nullable String format;

    @Mixin
    CommonFlags common = new CommonFlags();

    /** Makes the command. */
    public InfoCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        Map<String, Object> document = document();
        if (format != null) {
            Formatted.print(context, format, document);
        } else {
            print(document, "");
        }
        return 0;
    }

    private Map<String, Object> document() throws FcvmException, InterruptedException {
        Settings settings = new SettingsFlags().settings(context);
        List<MachineView> machines = MachineView.all(MachineStore.open(settings.directories()), context.clock());
        int images = ImageStores.open(settings, context).list().size();
        return ordered(
                "Host",
                ordered(
                        "Arch",
                        System.getProperty("os.arch", ""),
                        "CPUs",
                        (long) Runtime.getRuntime().availableProcessors(),
                        "Kernel",
                        System.getProperty("os.version", ""),
                        "OS",
                        "linux",
                        "Rootless",
                        !System.getProperty("user.name", "").equals("root")),
                "Settings",
                ordered(
                        "Vmm", settings.vmm().name().toLowerCase(Locale.ROOT),
                        "Mode", settings.mode().name().toLowerCase(Locale.ROOT)),
                "Store",
                ordered(
                        "GraphRoot", settings.directories().data().toString(),
                        "ContainerStore",
                                ordered(
                                        "Number", (long) machines.size(),
                                        "Running", count(machines, "running"),
                                        "Paused", count(machines, "paused"),
                                        "Stopped",
                                                machines.stream()
                                                        .filter(machine -> !machine.live())
                                                        .count()),
                        "ImageStore", ordered("Number", (long) images)),
                "Version",
                VersionCommand.client());
    }

    private static long count(List<MachineView> machines, String state) {
        return machines.stream()
                .filter(machine -> machine.state().equals(state))
                .count();
    }

    private static Map<String, Object> ordered(Object... pairs) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put((String) pairs[i], pairs[i + 1]);
        }
        return map;
    }

    private void print(Map<?, ?> document, String indent) {
        document.forEach((name, value) -> {
            if (value instanceof Map<?, ?> inner) {
                context.print(indent + name + ":");
                print(inner, indent + "  ");
            } else {
                context.print(indent + name + ": " + value);
            }
        });
    }
}
