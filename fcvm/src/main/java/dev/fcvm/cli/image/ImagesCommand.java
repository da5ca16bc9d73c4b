package dev.fcvm.cli.image;

import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.cli.shared.HumanText;
import dev.fcvm.cli.shared.SettingsFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.image.ImageView;
import dev.fcvm.settings.Settings;
import io.avaje.jsonb.Jsonb;
import io.avaje.jsonb.Types;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fcvm images}. */
@Command(name = "images", header = "List the images in the store.")
public final class ImagesCommand implements Callable<Integer> {

    private static final String NONE = "<none>";

    private final CommandContext context;

    @Option(names = "--json", description = "Print them as a JSON array, with Podman's fields.")
    boolean json;

    @Option(names = "--format", paramLabel = "json", description = "The same as --json.")
    @Nullable String format;

    @Option(
            names = {"-q", "--quiet"},
            description = "Print their ids only.")
    boolean quiet;

    @Option(names = "--digests", description = "Show the digests of their manifests.")
    boolean digests;

    @Option(names = "--no-trunc", description = "Show whole ids.")
    boolean whole;

    @Option(
            names = {"-n", "--noheading"},
            description = "Leave the heading out.")
    boolean noHeading;

    @Option(
            names = {"-a", "--all"},
            description = "Show all, which is done in any case.")
    boolean all;

    @Option(
            names = {"-f", "--filter"},
            paramLabel = "FILTER",
            description = "Show some only: reference=PATTERN, dangling=BOOL or label=NAME[=VALUE].")
    List<String> filters = new ArrayList<>();

    @Parameters(arity = "0..1", paramLabel = "REPOSITORY", description = "Show the images of this name only.")
    @Nullable String repository;

    @Mixin
    CommonFlags common = new CommonFlags();

    /** Makes the command. */
    public ImagesCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        if (format != null && !format.equals("json")) {
            throw new FcvmException(FcvmException.Kind.USAGE, "--format is \"%s\"; it must be: json".formatted(format));
        }
        ImageFilter filter = ImageFilter.parse(filters, repository);
        Settings settings = new SettingsFlags().settings(context);
        List<ImageView> images = ImageStores.open(settings, context).list().stream()
                .map(ImageView::of)
                .filter(filter::takes)
                .toList();
        if (json || format != null) {
            context.printJson(Jsonb.instance()
                    .<List<ImageView>>type(Types.listOf(ImageView.class))
                    .toJson(images));
        } else if (quiet) {
            images.forEach(image -> context.print(whole ? "sha256:" + image.id() : brief(image)));
        } else {
            HumanText.table(rows(images, filter)).forEach(context::print);
        }
        return 0;
    }

    private List<List<String>> rows(List<ImageView> images, ImageFilter filter) {
        List<List<String>> rows = new ArrayList<>();
        if (!noHeading) {
            rows.add(row("REPOSITORY", "TAG", "DIGEST", "IMAGE ID", "CREATED", "SIZE"));
        }
        Instant now = context.clock().instant();
        for (ImageView image : images) {
            List<String> names = shown(image).stream().filter(filter::takesName).toList();
            for (String name : names.isEmpty() ? List.of(NONE + ":" + NONE) : names) {
                // One that was asked for by its digest has no tag.
                String tagged = name.replaceFirst("@.*", ":" + NONE);
                int colon = tagged.lastIndexOf(':');
                rows.add(row(
                        tagged.substring(0, colon),
                        tagged.substring(colon + 1),
                        image.digest(),
                        whole ? "sha256:" + image.id() : brief(image),
                        HumanText.age(Duration.between(Instant.ofEpochSecond(image.created()), now)),
                        HumanText.size(image.size())));
            }
        }
        return rows;
    }

    /** A digest by which it was asked for matters only when there is no tag. */
    private static List<String> shown(ImageView image) {
        return image.repoTags().isEmpty() ? image.names() : image.repoTags();
    }

    private List<String> row(String name, String tag, String digest, String id, String created, String size) {
        return digests ? List.of(name, tag, digest, id, created, size) : List.of(name, tag, id, created, size);
    }

    private static String brief(ImageView image) {
        return image.id().substring(0, 12);
    }
}
