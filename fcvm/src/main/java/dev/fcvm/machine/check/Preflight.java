package dev.fcvm.machine.check;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.process.Tool;
import dev.fcvm.settings.Key;
import dev.fcvm.settings.Settings;
import io.avaje.json.JsonException;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/** Asks {@code scripts/preflight.sh} what this host has and lacks: the checks live there, and only there. */
final class Preflight {

    private Preflight() {}

    /**
     * What the script prints with {@code --json}; it may print more.
     *
     * @param checks what was looked at
     * @param usable whether a machine could run here in at least one mode
     */
    @Json
    record Report(List<Check> checks, boolean usable) {
        Report {
            checks = List.copyOf(Objects.requireNonNullElse(checks, List.of()));
        }
    }

    static Report ask(Settings settings) throws FcvmException, InterruptedException {
        Path script = settings.scripts().resolve("preflight.sh");
        Tool tool = Tool.named("bash", "bash")
                .with(script.toString(), "--json")
                .withVariable("FCVM_DATA_DIR", settings.directories().data().toString())
                .withVariable(Key.KVM.variable(), settings.kvm().name().toLowerCase(Locale.ROOT));
        tool = with(tool, Key.QEMU, settings.qemu());
        tool = with(tool, Key.FIRECRACKER, settings.firecracker());
        Tool.Result result = tool.run();
        try {
            return Jsonb.instance().type(Report.class).fromJson(result.output());
        } catch (JsonException | IllegalStateException senseless) {
            throw new FcvmException(
                    FcvmException.Kind.HOST,
                    "cannot examine this host: " + script + " said: " + result.lastWords()
                            + "; start fcvm by its launcher bin/fcvm, or set FCVM_HOME",
                    senseless);
        }
    }

    private static Tool with(Tool tool, Key key, Optional<Path> program) {
        return program.map(path -> tool.withVariable(key.variable(), path.toString()))
                .orElse(tool);
    }
}
