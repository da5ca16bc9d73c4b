package dev.fcvm.machine.store;

import dev.fcvm.machine.ready.HealthRecord;
import dev.fcvm.machine.spec.MachineSpec;
import dev.fcvm.vmm.process.SerialConsole;
import io.avaje.jsonb.Json;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that is known of a machine, under the names that {@code podman inspect} gives it, and what only a machine has under
 * {@code Machine}.
 */
@Json
public record MachineReport(
        @Json.Property("Id") String id,
        @Json.Property("Created") String created,
        @Json.Property("Name") String name,
        @Json.Property("State") State state,
        @Json.Property("Image") String image,
        @Json.Property("ImageName") String imageName,
        @Json.Property("ImageDigest") String imageDigest,
        @Json.Property("Config") Config config,
        @Json.Property("HostConfig") HostConfig hostConfig,
        @Json.Property("Machine") Vm machine) {

    /** Where it stands. Times are ISO 8601, and Podman's zero time where there is none. */
    @Json
    public record State(
            @Json.Property("Status") String status,
            @Json.Property("Running") boolean running,
            @Json.Property("Paused") boolean paused,
            @Json.Property("OOMKilled") boolean oomKilled,
            @Json.Property("ExitCode") int exitCode,
            @Json.Property("Error") String error,
            @Json.Property("StartedAt") String startedAt,
            @Json.Property("FinishedAt") String finishedAt,
            @Json.Property("Health") HealthRecord health) {}

    /** What the container was created with. Its environment is not among it: it may hold secrets. */
    @Json
    public record Config(
            @Json.Property("Hostname") String hostname,
            @Json.Property("Tty") boolean tty,
            @Json.Property("OpenStdin") boolean openStdin,
            @Json.Property("Cmd") List<String> command,
            @Json.Property("Labels") Map<String, String> labels,
            @Json.Property("CreateCommand") List<String> options,
            @Json.Property("StopSignal") int stopSignal,
            @Json.Property("StopTimeout") int stopTimeout) {}

    /** What it may use, and what becomes of it. */
    @Json
    public record HostConfig(
            @Json.Property("Memory") long memory,
            @Json.Property("AutoRemove") boolean autoRemove,
            @Json.Property("LogMaxSize") long logMaxSize) {}

    /** The machine around the container. */
    @Json
    public record Vm(
            @Json.Property("Vmm") String vmm,
            @Json.Property("Kvm") boolean kvm,
            @Json.Property("Mode") String mode,
            @Json.Property("Cpus") int cpus,
            @Json.Property("MemoryMiB") long memoryMib,
            @Json.Property("Init") String init,
            @Json.Property("Directory") String directory,
            @Json.Property("ConsoleLog") String consoleLog,
            @Json.Property("Ports") List<String> ports,
            @Json.Property("Network") String network) {}

    /** What a command that waits for such a machine is told. */
    private static final int FAILED = 125;

    private static final String NEVER = "0001-01-01T00:00:00Z";

    /** Returns it; nothing of a machine whose specification is damaged or not written yet. */
    public static Optional<MachineReport> of(StoredMachine stored, boolean abandoned) {
        return stored.spec().map(spec -> of(stored, spec, abandoned));
    }

    private static MachineReport of(StoredMachine stored, MachineSpec spec, boolean abandoned) {
        return new MachineReport(
                spec.id(),
                spec.created(),
                spec.name(),
                state(stored, abandoned),
                spec.imageId(),
                spec.image(),
                spec.imageDigest(),
                new Config(
                        spec.hostname(),
                        spec.tty(),
                        spec.interactive(),
                        spec.command(),
                        labels(spec.labels()),
                        spec.options(),
                        spec.stopSignal(),
                        spec.stopSeconds()),
                new HostConfig(spec.containerMemory(), !spec.keep(), spec.logLimit()),
                new Vm(
                        spec.vmm(),
                        spec.kvm(),
                        spec.isolation(),
                        spec.vcpus(),
                        spec.memoryMib(),
                        spec.init(),
                        stored.files().directory().toString(),
                        SerialConsole.in(stored.files().directory()).file().toString(),
                        spec.network().ports(),
                        spec.network().network()));
    }

    private static State state(StoredMachine stored, boolean abandoned) {
        MachineState state = stored.state();
        StateDocument document = StateDocument.of(state);
        boolean up = state instanceof MachineState.Up && !abandoned;
        boolean ended = state instanceof MachineState.Exited || state instanceof MachineState.Failed;
        boolean outOfMemory = state instanceof MachineState.Exited exited && exited.outOfMemory();
        return new State(
                abandoned ? "abandoned" : document.state(),
                up && !(state instanceof MachineState.Paused),
                state instanceof MachineState.Paused,
                outOfMemory,
                state instanceof MachineState.Failed ? FAILED : document.exitCode(),
                outOfMemory ? "" : document.reason(),
                started(state).map(Instant::toString).orElse(NEVER),
                ended ? document.since() : NEVER,
                stored.health());
    }

    static Optional<Instant> started(MachineState state) {
        return switch (state) {
            case MachineState.Up up -> Optional.of(up.started());
            case MachineState.Exited exited -> exited.started();
            default -> Optional.empty();
        };
    }

    private static Map<String, String> labels(List<String> given) {
        Map<String, String> labels = new LinkedHashMap<>();
        for (String label : given) {
            int equals = label.indexOf('=');
            labels.put(equals < 0 ? label : label.substring(0, equals), equals < 0 ? "" : label.substring(equals + 1));
        }
        return labels;
    }
}
