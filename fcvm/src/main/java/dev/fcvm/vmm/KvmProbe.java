package dev.fcvm.vmm;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.AtomicFiles;
import dev.fcvm.host.Tool;
import io.avaje.json.JsonException;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what this host's KVM is good for, by the script that runs and times guest code. The verdict is kept for as
 * long as the host is not booted anew and the device's permissions stay.
 *
 * @param script {@code scripts/kvm-probe}
 * @param cache where the verdict is kept, {@code kvm-probe.json} in the data directory
 * @param device {@code /dev/kvm}
 */
public record KvmProbe(Path script, Path cache, Path device) {

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    /** The script itself stops after a fraction of a second, on a host that is not busy. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /**
     * What the script prints with {@code --json}; it may print more.
     *
     * @param verdict {@code usable}, {@code slow}, {@code no-permission} or {@code absent}
     * @param reason why, one line
     * @param fix the command that mends it, if there is one
     */
    @Json
    public record Output(
            String verdict,
            @Nullable String reason,
            @Nullable String fix) {}

    /**
     * What is kept.
     *
     * @param boot the kernel's random name for this boot
     * @param access what the caller may do with the device
     * @param output what the script said
     */
    @Json
    public record Kept(String boot, String access, Output output) {}

    /** Probes this host's device. */
    public static KvmProbe ofHost(Path script, Path cache) {
        return new KvmProbe(script, cache, Path.of("/dev/kvm"));
    }

    /**
     * Returns the verdict.
     *
     * @throws FcvmException when the script cannot be run or makes no sense
     */
    public KvmVerdict verdict() throws FcvmException, InterruptedException {
        String boot = bootId();
        String access = access();
        Optional<Kept> kept =
                kept().filter(old -> old.boot().equals(boot) && old.access().equals(access));
        if (kept.isPresent()) {
            return verdict(kept.get().output());
        }
        Output output = probe();
        KvmVerdict verdict = verdict(output);
        keep(new Kept(boot, access, output));
        return verdict;
    }

    private Output probe() throws FcvmException, InterruptedException {
        Tool.Result result = Tool.named("perl", "perl")
                .with(script.toString(), "--json")
                .within(PATIENCE)
                .run();
        try {
            return Jsonb.instance().type(Output.class).fromJson(result.output());
        } catch (JsonException | IllegalStateException e) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot tell whether KVM runs guests: %s said: %s; say so yourself with FCVM_KVM=yes or FCVM_KVM=no"
                            .formatted(script, result.lastWords()),
                    e);
        }
    }

    private KvmVerdict verdict(Output output) throws FcvmException {
        String reason = Optional.ofNullable(output.reason()).orElse("");
        return switch (output.verdict()) {
            case "usable" -> new KvmVerdict.Usable();
            case "slow" -> new KvmVerdict.Emulated(reason);
            case "no-permission" ->
                new KvmVerdict.NoPermission(Optional.ofNullable(output.fix()).orElse(reason));
            case "absent" -> new KvmVerdict.Absent(reason);
            default ->
                throw new FcvmException(
                        Kind.HOST,
                        "cannot tell whether KVM runs guests: %s said '%s'".formatted(script, output.verdict()));
        };
    }

    private static String bootId() throws FcvmException {
        try {
            return Files.readString(BOOT_ID).strip();
        } catch (IOException e) {
            throw new FcvmException(Kind.HOST, "cannot read %s: is /proc mounted?".formatted(BOOT_ID), e);
        }
    }

    /** Describes what may change without a boot: another user, a group joined, the device's mode. */
    private String access() {
        String mode = Files.isReadable(device) && Files.isWritable(device) ? "open" : "closed";
        return Files.exists(device) ? mode + " to " + System.getProperty("user.name") : "absent";
    }

    private Optional<Kept> kept() {
        try {
            return Files.exists(cache)
                    ? Optional.of(Jsonb.instance().type(Kept.class).fromJson(Files.readString(cache)))
                    : Optional.empty();
        } catch (IOException | JsonException | IllegalStateException e) {
            return Optional.empty(); // unreadable: it is made anew
        }
    }

    private void keep(Kept verdict) throws FcvmException {
        try {
            Files.createDirectories(cache.toAbsolutePath().getParent());
            AtomicFiles.write(cache, Jsonb.instance().toJson(verdict));
        } catch (IOException e) {
            throw new FcvmException(Kind.HOST, "cannot write %s: %s".formatted(cache, e.getMessage()), e);
        }
    }
}
