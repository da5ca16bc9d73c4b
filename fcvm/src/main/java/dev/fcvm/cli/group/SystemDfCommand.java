package dev.fcvm.cli.group;

import dev.fcvm.cli.image.ImageStores;
import dev.fcvm.cli.lifecycle.Columns;
import dev.fcvm.cli.lifecycle.MachineCommand;
import dev.fcvm.cli.shared.HumanText;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.file.DiskUse;
import dev.fcvm.image.ImageStore;
import dev.fcvm.image.ImageSummary;
import dev.fcvm.machine.store.MachineView;
import dev.fcvm.settings.Settings;
import dev.fcvm.volume.named.VolumeStore;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code fcvm system df}. */
@Command(
        name = "df",
        header = "Show what images, machines and volumes take on this host's disk.",
        description =
                "What is written, not what could be: their disks are sparse. What is reclaimable no machine uses, or"
                        + " does not run.")
public final class SystemDfCommand extends MachineCommand {

    private static final Map<String, String> HEADINGS = headings();

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "json, or a template such as '{{.Type}}\\t{{.Size}}'.")
    @Nullable String format;

    SystemDfCommand(CommandContext context, OpenMachines open) {
        super(context, open);
    }

    private static Map<String, String> headings() {
        Map<String, String> headings = new LinkedHashMap<>();
        headings.put("Type", "TYPE");
        headings.put("Total", "TOTAL");
        headings.put("Active", "ACTIVE");
        headings.put("Size", "SIZE");
        headings.put("Reclaimable", "RECLAIMABLE");
        return headings;
    }

    /** A kind of thing; the sizes are in bytes. */
    private record Row(String type, long total, long active, long size, long reclaimable) {

        Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("Type", type);
            fields.put("Total", total);
            fields.put("Active", active);
            fields.put("Size", HumanText.size(size).replace(" ", ""));
            long share = size == 0 ? 0 : Math.round(100.0 * reclaimable / size);
            fields.put("Reclaimable", HumanText.size(reclaimable).replace(" ", "") + " (" + share + "%)");
            return fields;
        }

        Map<String, Object> document() {
            Map<String, Object> document = fields();
            document.put("RawSize", size);
            document.put("RawReclaimable", reclaimable);
            return document;
        }
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        Settings settings = settings();
        List<MachineView> machines = machines().views();
        List<Row> rows = List.of(images(settings, machines), containers(settings, machines), volumes(settings));
        if (format != null && format.equals("json")) {
            context.printJson(Jsonb.instance()
                    .type(Object.class)
                    .list()
                    .toJson(rows.stream().<Object>map(Row::document).toList()));
            return 0;
        }
        String wanted =
                format == null ? "table {{.Type}}\t{{.Total}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}" : format;
        Columns.parse(wanted)
                .print(context, HEADINGS, rows.stream().map(Row::fields).toList(), true);
        return 0;
    }

    private Row images(Settings settings, List<MachineView> machines) throws FcvmException, InterruptedException {
        ImageStore store = ImageStores.open(settings, context);
        Set<String> used = machines.stream().map(MachineView::imageId).collect(Collectors.toSet());
        long active = 0;
        long size = 0;
        long reclaimable = 0;
        List<ImageSummary> images = store.list();
        for (ImageSummary summary : images) {
            String id = summary.image().id();
            long taken = taken(store.disk(id));
            size += taken;
            if (used.contains(id) || summary.leases() > 0) {
                active++;
            } else {
                reclaimable += taken;
            }
        }
        return new Row("Images", images.size(), active, size, reclaimable);
    }

    private static Row containers(Settings settings, List<MachineView> machines) throws FcvmException {
        long active = 0;
        long size = 0;
        long reclaimable = 0;
        for (MachineView machine : machines) {
            long taken = taken(settings.directories().machines().resolve(machine.id()));
            size += taken;
            if (MachinePruning.isOver(machine)) {
                reclaimable += taken;
            } else {
                active++;
            }
        }
        return new Row("Containers", machines.size(), active, size, reclaimable);
    }

    private Row volumes(Settings settings) throws FcvmException, InterruptedException {
        List<VolumeStore.Found> all = new VolumeStore(settings.directories().volumes(), context.clock()).list();
        long active = 0;
        long size = 0;
        long reclaimable = 0;
        for (VolumeStore.Found volume : all) {
            long taken = taken(volume.disk());
            size += taken;
            if (volume.machines().isEmpty()) {
                reclaimable += taken;
            } else {
                active++;
            }
        }
        return new Row("Local Volumes", all.size(), active, size, reclaimable);
    }

    /** What a file, or all below a directory, has been given of the disk. One that goes meanwhile takes nothing. */
    private static long taken(Path path) throws FcvmException {
        long all = 0;
        List<Path> files = new ArrayList<>();
        try {
            if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                try (Stream<Path> below = Files.list(path)) {
                    below.forEach(files::add);
                }
                for (Path file : files) {
                    all += taken(file);
                }
                return all;
            }
            return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) ? DiskUse.allocated(path) : 0;
        } catch (NoSuchFileException gone) {
            return all;
        } catch (IOException failure) {
            if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                return all;
            }
            throw new FcvmException(Kind.HOST, "cannot see what " + path + " takes: " + failure.getMessage(), failure);
        }
    }
}
