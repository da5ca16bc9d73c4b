package dev.fcvm.cli.group;

import dev.fcvm.cli.lifecycle.Times;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.machine.store.MachineView;
import java.time.Clock;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Which machines are removed, by Podman's {@code --filter}: all of what is given must hold.
 *
 * @param tests what is given
 */
record PruneFilter(List<Predicate<MachineView>> tests) {

    PruneFilter {
        tests = List.copyOf(tests);
    }

    /** Reads what the flags say. */
    static PruneFilter parse(List<String> flags, Clock clock) throws FcvmException {
        List<Predicate<MachineView>> tests = new ArrayList<>();
        for (String flag : flags) {
            int equals = flag.indexOf('=');
            String value = flag.substring(equals + 1);
            String key = equals < 0 ? "" : flag.substring(0, equals);
            tests.add(
                    switch (key) {
                        case "until" -> {
                            Optional<Instant> until = Times.of("--filter until", value, clock);
                            yield view -> until.isPresent() && created(view).isBefore(until.get());
                        }
                        case "label" -> view -> has(view, value);
                        case "label!" -> view -> !has(view, value);
                        default ->
                            throw new FcvmException(
                                    Kind.USAGE,
                                    "--filter is \"" + flag + "\"; it must be until=TIME, label=NAME[=VALUE] or"
                                            + " label!=NAME[=VALUE]");
                    });
        }
        return new PruneFilter(tests);
    }

    private static Instant created(MachineView view) {
        try {
            return Instant.parse(view.created());
        } catch (DateTimeParseException unknown) {
            return Instant.MAX; // of which nobody knows that it is old
        }
    }

    private static boolean has(MachineView view, String wanted) {
        return view.labels().stream()
                .anyMatch(label -> label.equals(wanted) || (wanted.indexOf('=') < 0 && label.startsWith(wanted + "=")));
    }

    boolean takes(MachineView view) {
        return tests.stream().allMatch(test -> test.test(view));
    }
}
