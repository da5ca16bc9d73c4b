package dev.fcvm.cli;

import dev.fcvm.error.FcvmException;
import dev.fcvm.image.ImageStore;
import dev.fcvm.image.ImageSummary;
import dev.fcvm.image.QualifiedName;
import dev.fcvm.settings.Settings;
import io.avaje.jsonb.Jsonb;
import io.avaje.jsonb.Types;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code fcvm images}. */
@Command(name = "images", header = "List the images in the store.")
public final class ImagesCommand implements Callable<Integer> {

    private static final String NONE = "<none>";
    private static final int BRIEF_ID = 12;

    private final Surroundings surroundings;

    @Option(names = "--json", description = "Print them as a JSON array; the same as --format json.")
    boolean json;

    @Option(names = "--format", paramLabel = "FORMAT", description = "table or json.")
    String format = "table";

    @Option(
            names = {"-q", "--quiet"},
            description = "Print ids only.")
    boolean quiet;

    @Option(names = "--digests", description = "Show the manifests' digests.")
    boolean digests;

    @Option(names = "--no-trunc", description = "Show whole ids.")
    boolean whole;

    @Mixin
    CommonFlags common = new CommonFlags();

    ImagesCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        if (!format.equals("table") && !format.equals("json")) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE, "--format \"%s\" is unknown: give table or json".formatted(format));
        }
        Settings settings = new SettingsFlags().settings(surroundings.environment());
        List<ImageSummary> images = ImageStore.open(settings.directories().store(), surroundings.environment())
                .list();
        if (json || format.equals("json")) {
            surroundings.print(Jsonb.instance()
                    .<List<ImageView>>type(Types.listOf(ImageView.class))
                    .toJson(images.stream().map(ImageView::of).toList()));
        } else if (quiet) {
            images.forEach(image -> surroundings.print(id(image)));
        } else {
            table(images);
        }
        return 0;
    }

    private void table(List<ImageSummary> images) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(row("REPOSITORY", "TAG", "DIGEST", "IMAGE ID", "CREATED", "SIZE"));
        for (ImageSummary image : images) {
            if (image.tags().isEmpty()) {
                rows.add(row(image, NONE, NONE));
            }
            for (QualifiedName name : image.tags()) {
                rows.add(row(image, name.repositoryName(), name.tag().orElse(NONE)));
            }
        }
        int[] widths = new int[rows.getFirst().size()];
        rows.forEach(row -> {
            for (int column = 0; column < widths.length; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        });
        for (List<String> row : rows) {
            var line = new StringBuilder();
            for (int column = 0; column < widths.length; column++) {
                String cell = row.get(column);
                line.append(cell).append(" ".repeat(widths[column] - cell.length() + 2));
            }
            surroundings.print(line.toString().stripTrailing());
        }
    }

    private List<String> row(ImageSummary image, String repository, String tag) {
        return row(
                repository,
                tag,
                image.image().digest(),
                id(image),
                age(image.image().created()),
                size(image.image().size()));
    }

    private List<String> row(String repository, String tag, String digest, String id, String created, String size) {
        return digests
                ? List.of(repository, tag, digest, id, created, size)
                : List.of(repository, tag, id, created, size);
    }

    private String id(ImageSummary image) {
        String id = image.image().id();
        return whole ? "sha256:" + id : id.substring(0, BRIEF_ID);
    }

    private String age(long created) {
        Duration age = Duration.between(
                Instant.ofEpochSecond(created), surroundings.clock().instant());
        if (age.toDays() >= 730) {
            return age.toDays() / 365 + " years ago";
        }
        if (age.toDays() >= 14) {
            return age.toDays() / 7 + " weeks ago";
        }
        if (age.toHours() >= 48) {
            return age.toDays() + " days ago";
        }
        return age.toMinutes() >= 120 ? age.toHours() + " hours ago" : age.toMinutes() + " minutes ago";
    }

    private static String size(long bytes) {
        long tenths = bytes * 10 / 1_000_000;
        return tenths < 10 ? bytes / 1000 + " kB" : tenths / 10 + "." + tenths % 10 + " MB";
    }
}
