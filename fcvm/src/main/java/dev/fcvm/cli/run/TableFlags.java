package dev.fcvm.cli.run;

import dev.fcvm.cli.image.RegistryFlags;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.podman.PodmanArgument;
import dev.fcvm.machine.podman.RunFlag;
import dev.fcvm.machine.podman.RunFlag.Disposition;
import dev.fcvm.machine.podman.RunFlags;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The flags of {@code podman run} that no code of fcvm's reads, from the table. Describing all of them to picocli would
 * cost every run some milliseconds; so only those are described that stand on the command line, and all for a help.
 */
final class TableFlags {

    private static final String HELP = "--help";

    private final List<String> given = new ArrayList<>();
    private Optional<RunFlags> table = Optional.empty();

    /** Adds to a command the flags that are meant by these words, whatever else they may be. */
    void describe(CommandSpec spec, List<String> words) {
        List<String> strangers = words.stream()
                .filter(word -> word.length() > 1 && word.startsWith("-"))
                .filter(word -> !spec.optionsMap().containsKey(name(word)))
                .toList();
        boolean help = words.contains(HELP);
        if (strangers.isEmpty() && !help) {
            return;
        }
        RunFlags flags = table();
        for (RunFlag flag : flags.all()) {
            boolean podmans = flag.disposition() == Disposition.PASS || flag.disposition() == Disposition.REFUSE;
            if (podmans && (help || strangers.stream().anyMatch(word -> isMeant(flag, word)))) {
                spec.addOption(option(flag));
            }
        }
    }

    private static boolean isMeant(RunFlag flag, String word) {
        if (word.startsWith("--")) {
            return flag.name().equals(name(word));
        }
        // Several short flags in one word, as in -it; a value may be joined to the last.
        return flag.names().size() > 1 && word.indexOf(flag.names().getFirst().charAt(1)) > 0;
    }

    private OptionSpec option(RunFlag flag) {
        ISetter note = new ISetter() {
            @Override
            @SuppressWarnings({"TypeParameterUnusedInFormals", "NullAway"
            }) // picocli's signature: null for no value yet
            public <T> T set(T value) {
                if (value != null) {
                    given.add(flag.name() + "=" + value);
                }
                return value;
            }
        };
        OptionSpec.Builder option = OptionSpec.builder(flag.names().toArray(String[]::new))
                .type(String.class)
                .setter(note)
                .userObject(flag.repeats())
                .hidden(flag.disposition() == Disposition.REFUSE)
                .description(flag.description());
        if (flag.isSwitch()) {
            option.arity("0..1").fallbackValue("true").preprocessor(new RegistryFlags.AttachedOrTrue());
            option.paramLabel("BOOL");
        } else {
            option.arity("1").paramLabel(flag.label());
        }
        return option.build();
    }

    /** Returns those that were given, each joined to its value, in order; refuses what is not carried out. */
    List<String> checked() throws FcvmException {
        if (!given.isEmpty()) {
            var judge = new PodmanArgument(table());
            for (String argument : given) {
                judge.checkFlag(argument);
            }
        }
        return List.copyOf(given);
    }

    private RunFlags table() {
        RunFlags flags = table.orElseGet(RunFlags::load);
        table = Optional.of(flags);
        return flags;
    }

    private static String name(String word) {
        int equals = word.indexOf('=');
        return equals < 0 ? word : word.substring(0, equals);
    }
}
