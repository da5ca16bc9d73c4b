package dev.fcvm.cli.run;

import dev.fcvm.machine.podman.RunFlag;
import dev.fcvm.machine.podman.RunFlags;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Help;
import picocli.CommandLine.IHelpSectionRenderer;
import picocli.CommandLine.Model.OptionSpec;

/** Lists the flags of {@code fcvm run} in groups: more than a hundred in one list help nobody. */
final class GroupedHelp implements IHelpSectionRenderer {

    private static final Map<String, String> TITLES = new LinkedHashMap<>();

    static {
        TITLES.put("container", "The container");
        TITLES.put("env", "Its environment");
        TITLES.put("files", "Its files and devices");
        TITLES.put("security", "Its users, privileges and namespaces");
        TITLES.put("limits", "Limits");
        TITLES.put("network", "Network");
        TITLES.put("health", "Health");
        TITLES.put("image", "The image");
        TITLES.put("machine", "The machine");
        TITLES.put("output", "Streams, output and the end");
    }

    @Override
    public String render(Help help) {
        RunFlags flags = RunFlags.load();
        var text = new StringBuilder();
        TITLES.forEach((group, title) -> {
            List<OptionSpec> members = help.commandSpec().options().stream()
                    .filter(option -> !option.hidden() && group.equals(groupOf(option, flags)))
                    .sorted((one, other) -> one.longestName().compareTo(other.longestName()))
                    .toList();
            text.append("%n%s:%n".formatted(title));
            text.append(help.optionListExcludingGroups(members));
        });
        return text.toString();
    }

    private static String groupOf(OptionSpec option, RunFlags flags) {
        return flags.find(option.longestName()).map(RunFlag::group).orElse("output");
    }
}
