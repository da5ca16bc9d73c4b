package dev.fcvm.vmm;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.process.Tool;
import io.avaje.json.JsonException;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * Finds out what this host's KVM is good for, by the script that runs and times guest code. The script keeps what a guest
 * showed in a file that is read here without starting it, and believed as long as the script itself believes it; whether
 * the device may be opened is asked every time.
 *
 * @param script {@code scripts/kvm-probe}
 * @param cache where the script keeps its verdict, {@code kvm-probe.json} in the data directory
 * @param device {@code /dev/kvm}
 */
public record KvmProbe(Path script, Path cache, Path device) {

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final Path UPTIME = Path.of("/proc/uptime");
    /** The script gives up by itself after some seconds. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    /** As in the script. What was found on a busy host, or before somebody mended it, must not stand for the whole boot. */
    private static final long SLOW_IS_KEPT_SECONDS = 300;

    private static final String USABLE = "usable";
    /** The group that distributions give the device to. */
    private static final String GROUP = "kvm";

    private static final Set<PosixFilePermission> GROUP_MAY =
            Set.of(PosixFilePermission.GROUP_READ, PosixFilePermission.GROUP_WRITE);

    /**
     * What the script prints and keeps; it says more.
     *
     * @param verdict {@code usable}, {@code slow}, {@code no-permission} or {@code absent}
     * @param reason why, one line
     * @param bootId the kernel's random name for this boot
     * @param probe the CRC-32 of the script that says so
     * @param device the number and the inode of the device's file
     * @param uptime when it was found, in seconds after the boot
     */
    @Json
    public record Output(String verdict, String reason, String bootId, String probe, String device, long uptime) {
        public Output {
            // The reader of JSON gives null for what is missing.
            Objects.requireNonNull(verdict, "verdict");
            Objects.requireNonNull(reason, "reason");
            bootId = Objects.requireNonNullElse(bootId, "");
            probe = Objects.requireNonNullElse(probe, "");
            device = Objects.requireNonNullElse(device, "");
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
        Optional<Output> kept = kept();
        return verdict(kept.isPresent() ? kept.get() : probe());
    }

    /**
     * Drops what is kept: a monitor has failed on a KVM that was found usable, so the next run is to ask anew.
     *
     * @throws FcvmException when the file cannot be deleted
     */
    public void forget() throws FcvmException {
        try {
            Files.deleteIfExists(cache);
        } catch (IOException e) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot delete %s, which says that KVM runs guests here: %s".formatted(cache, IoReason.of(e)),
                    e);
        }
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
            case USABLE -> new KvmVerdict.Usable();
            case "slow" -> new KvmVerdict.Emulated(output.reason());
            case "no-permission" -> new KvmVerdict.NoPermission(permission());
            case "absent" -> new KvmVerdict.Absent(output.reason());
            default ->
                throw new FcvmException(
                        Kind.HOST,
                        "cannot tell whether KVM runs guests: %s said '%s'".formatted(script, output.verdict()));
        };
    }

    /** Returns the command that lets this user open the device. */
    private String permission() {
        String user = System.getProperty("user.name");
        return isOpenToGroup()
                ? "sudo usermod -aG %s %s, then log in anew".formatted(GROUP, user)
                : "sudo setfacl -m u:%s:rw %s".formatted(user, device);
    }

    private boolean isOpenToGroup() {
        try {
            PosixFileAttributes file = Files.readAttributes(device, PosixFileAttributes.class);
            return file.group().getName().equals(GROUP) && file.permissions().containsAll(GROUP_MAY);
        } catch (IOException unseen) {
            return false; // what opens it to this user alone is right wherever the device is
        }
    }

    /** Returns what is kept and still holds; anything that is in doubt is for the script to find out. */
    private Optional<Output> kept() {
        try {
            if (!Files.exists(cache) || !Files.isReadable(device) || !Files.isWritable(device)) {
                return Optional.empty();
            }
            Optional<Output> kept = read(Files.readString(cache));
            return kept.isPresent() && holds(kept.get()) ? kept : Optional.empty();
        } catch (IOException | NumberFormatException e) {
            return Optional.empty(); // the script makes it anew
        }
    }

    private boolean holds(Output kept) throws IOException {
        if (!kept.bootId().equals(Files.readString(BOOT_ID).strip())
                || !kept.device().equals(identity())
                || !kept.probe().equals(digest())) {
            return false;
        }
        long age = uptime() - kept.uptime();
        return kept.verdict().equals(USABLE) || (age >= 0 && age < SLOW_IS_KEPT_SECONDS);
    }

    private String identity() throws IOException {
        Map<String, Object> file = Files.readAttributes(device, "unix:rdev,ino");
        return file.get("rdev") + ":" + file.get("ino");
    }

    /** Guards against another version of the script, not against a forger; a cryptographic one takes longer to load. */
    private String digest() throws IOException {
        var sum = new CRC32();
        sum.update(Files.readAllBytes(script));
        return HexFormat.of().toHexDigits(sum.getValue(), 8);
    }

    private static long uptime() throws IOException {
        String text = Files.readString(UPTIME);
        return Long.parseLong(text, 0, text.indexOf('.'), 10);
    }

    private static Optional<Output> read(String text) {
        try {
            return Optional.of(Jsonb.instance().type(Output.class).fromJson(text));
        } catch (JsonException | IllegalStateException | NullPointerException e) {
            return Optional.empty(); // what this means depends on where it comes from
        }
    }
}
