package dev.fcvm.cli.host;

import dev.fcvm.cli.lifecycle.Formatted;
import dev.fcvm.cli.shared.CommonFlags;
import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code fcvm version}. */
@Command(name = "version", header = "Show the version.")
public final class VersionCommand implements Callable<Integer> {

    private final CommandContext context;

    @Option(
            names = {"-f", "--format"},
            paramLabel = "FORMAT",
            description = "json, or a template such as '{{.Client.Version}}'.")
    @Nullable String format;

    @Mixin
    CommonFlags common = new CommonFlags();

    /** Makes the command. */
    public VersionCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws FcvmException {
        Map<String, Object> client = client();
        if (format != null) {
            Formatted.print(context, format, Map.of("Client", client));
            return 0;
        }
        context.print("Client:       fcvm");
        context.print("Version:      " + client.get("Version"));
        context.print("Java:         " + client.get("JavaVersion"));
        context.print("OS/Arch:      " + client.get("OsArch"));
        return 0;
    }

    /** Returns what is known of this program. */
    static Map<String, Object> client() {
        Map<String, Object> client = new LinkedHashMap<>();
        client.put("Version", Version.number());
        client.put("JavaVersion", Runtime.version().toString());
        client.put("OsArch", "linux/" + System.getProperty("os.arch", ""));
        return client;
    }
}
