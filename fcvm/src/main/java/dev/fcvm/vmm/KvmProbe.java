package dev.fcvm.vmm;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.Tool;
import io.avaje.json.JsonException;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * Finds out what this host's KVM is good for, by the script that runs and times guest code. The script keeps its verdict
 * on the processor for as long as the host is not booted anew, in a file that is read here without starting it; whether
 * the device may be opened is asked every time.
 *
 * @param script {@code scripts/kvm-probe}
 * @param cache where the script keeps its verdict, {@code kvm-probe.json} in the data directory
 * @param device {@code /dev/kvm}
 */
public record KvmProbe(Path script, Path cache, Path device) {

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    /** The script gives up by itself after some seconds. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /**
     * What the script prints and keeps; it says more.
     *
     * @param verdict {@code usable}, {@code slow}, {@code no-permission} or {@code absent}
     * @param reason why, one line
     * @param bootId the kernel's random name for this boot
     */
    @Json
    public record Output(String verdict, String reason, String bootId) {
        public Output {
            // The reader of JSON gives null for what is missing.
            Objects.requireNonNull(verdict, "verdict");
            Objects.requireNonNull(reason, "reason");
            Objects.requireNonNull(bootId, "bootId");
        }
    }

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
        boolean open = Files.isReadable(device) && Files.isWritable(device);
        Optional<Output> kept = kept().filter(old -> open && old.bootId().equals(boot));
        return verdict(kept.isPresent() ? kept.get() : probe());
    }

    private Output probe() throws FcvmException, InterruptedException {
        Tool probe = Tool.named("perl", "perl-base")
                .with(script.toString(), "--json", "--device", device.toString(), "--cache", cache.toString())
                .within(PATIENCE);
        Tool.Result result = probe.run();
        return read(result.output())
                .orElseThrow(() -> new FcvmException(
                        Kind.HOST,
                        "cannot tell whether KVM runs guests: %s failed: %s; say so yourself with FCVM_KVM=yes or =no"
                                .formatted(script, result.lastWords())));
    }

    private KvmVerdict verdict(Output output) throws FcvmException {
        return switch (output.verdict()) {
            case "usable" -> new KvmVerdict.Usable();
            case "slow" -> new KvmVerdict.Emulated(output.reason());
            case "no-permission" ->
                new KvmVerdict.NoPermission(
                        "sudo setfacl -m u:%s:rw %s".formatted(System.getProperty("user.name"), device));
            case "absent" -> new KvmVerdict.Absent(output.reason());
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

    private Optional<Output> kept() {
        try {
            return Files.exists(cache) ? read(Files.readString(cache)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // the script makes it anew
        }
    }

    private static Optional<Output> read(String text) {
        try {
            return Optional.of(Jsonb.instance().type(Output.class).fromJson(text));
        } catch (JsonException | IllegalStateException | NullPointerException e) {
            return Optional.empty(); // what this means depends on where it comes from
        }
    }
}
