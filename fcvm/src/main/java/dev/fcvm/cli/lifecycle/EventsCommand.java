package dev.fcvm.cli.lifecycle;

import dev.fcvm.cli.shared.Interruptible;
import dev.fcvm.cli.shared.OpenMachines;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.host.text.PrintableText;
import dev.fcvm.machine.event.EventDocument;
import dev.fcvm.machine.event.EventFilter;
import dev.fcvm.machine.event.EventFollower;
import dev.fcvm.machine.event.MachineEvent;
import io.avaje.jsonb.Jsonb;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code fcvm events}. */
@Command(
        name = "events",
        header = "Show what happens to machines.",
        description = "Shows what happens from now on, until it is ended; with --since also what has happened.")
public final class EventsCommand extends MachineCommand {

    /** Podman's. */
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSSSSS xx zzz").withZone(ZoneId.systemDefault());

    @Option(names = "--since", paramLabel = "TIME", description = "Begin then: a time, or how long ago, such as 10m.")
    @Nullable String since;

    @Option(names = "--until", paramLabel = "TIME", description = "End then.")
    @Nullable String until;

    @Option(
            names = {"-f", "--filter"},
            paramLabel = "KEY=VALUE",
            description = "Only these: event, container, image, label.")
    List<String> filters = new ArrayList<>();

    @Option(names = "--format", paramLabel = "FORMAT", description = "json for one JSON document a line.")
    String format = "";

    @Option(
            names = "--stream",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "BOOL",
            description = "Wait for more; --stream=false shows what there is. Default: true.")
    boolean stream = true;

    /** Makes the command. */
    public EventsCommand(CommandContext context, OpenMachines open) {
        super(context, open);
    }

    @Override
    public Integer call() throws FcvmException, InterruptedException {
        if (!format.isEmpty() && !format.equals("json")) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE, "--format is \"" + format + "\"; it must be json, or left out");
        }
        Optional<Instant> end = Times.of("--until", until, context.clock());
        Optional<Instant> begin = Times.of("--since", since, context.clock())
                .or(() -> stream && end.isEmpty() ? Optional.of(context.clock().instant()) : Optional.empty());
        EventFilter filter = EventFilter.of(begin, end, filters);
        boolean more = stream
                && end.filter(time -> time.isBefore(context.clock().instant())).isEmpty();
        var follower = new EventFollower(machines().events(), filter, context.clock());
        return Interruptible.run(context, () -> {
            follower.follow(more, this::show);
            return 0;
        });
    }

    private void show(MachineEvent event) {
        if (format.equals("json")) {
            context.printJson(Jsonb.instance().type(EventDocument.class).toJson(EventDocument.of(event)));
            return;
        }
        String details = Stream.concat(
                        Stream.of("image=" + event.image(), "name=" + event.name()),
                        Stream.concat(
                                event.details().entrySet().stream()
                                        .sorted(java.util.Map.Entry.comparingByKey())
                                        .map(detail -> detail.getKey() + "=" + detail.getValue()),
                                event.labels().stream()))
                .collect(Collectors.joining(", "));
        context.print(TIME.format(event.time()) + " container " + event.action().word() + " " + event.id() + " ("
                + PrintableText.line(details) + ")");
    }
}
