package dev.fcvm.machine.store;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.process.NetworkNamespace;
import dev.fcvm.host.user.UserRange;
import dev.fcvm.settings.DataSize;
import dev.fcvm.settings.KvmUse;
import dev.fcvm.settings.NetworkPool;
import dev.fcvm.settings.NetworkPool6;
import dev.fcvm.settings.Settings;
import io.avaje.json.JsonException;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/**
 * With what a machine was started last, as far as whoever sets nothing of it (a caller of one of its ports) needs it to
 * start it once more. It lies in {@code start.json}. Texts are empty, and numbers 0, for what was not set.
 *
 * @param kvm whether hardware virtualisation was to be used
 * @param qemu QEMU's program
 * @param firecracker Firecracker's program
 * @param jailer Firecracker's jailer
 * @param users the users that monitors run as
 * @param pool the addresses of machines with a privileged uplink
 * @param pool6 their IPv6 addresses
 * @param noLimits whether it may be without limits
 * @param diskFloor how many bytes of the host's disk stay free
 * @param bootMillis how long its agent may take
 * @param home the network namespace of whoever started it ({@link NetworkNamespace}), where its published ports are
 */
@Json
public record StartSettings(
        String kvm,
        String qemu,
        String firecracker,
        String jailer,
        String users,
        String pool,
        String pool6,
        boolean noLimits,
        long diskFloor,
        long bootMillis,
        String home) {

    /** A damaged document lacks fields. */
    public StartSettings {
        kvm = Objects.requireNonNullElse(kvm, "");
        qemu = Objects.requireNonNullElse(qemu, "");
        firecracker = Objects.requireNonNullElse(firecracker, "");
        jailer = Objects.requireNonNullElse(jailer, "");
        users = Objects.requireNonNullElse(users, "");
        pool = Objects.requireNonNullElse(pool, "");
        pool6 = Objects.requireNonNullElse(pool6, "");
        home = Objects.requireNonNullElse(home, "");
    }

    /** Returns what of them a machine is started with. */
    public static StartSettings of(Settings settings) throws FcvmException {
        return new StartSettings(
                settings.kvm().name(),
                text(settings.qemu()),
                text(settings.firecracker()),
                text(settings.jailer()),
                settings.jailerUids()
                        .map(range -> range.first() + "-" + range.last())
                        .orElse(""),
                settings.networkPool().toString(),
                settings.networkPool6().toString(),
                settings.noLimits(),
                settings.diskFloor().bytes(),
                settings.bootTimeout().map(Duration::toMillis).orElse(0L),
                NetworkNamespace.own().toString());
    }

    private static String text(Optional<Path> path) {
        return path.map(Path::toString).orElse("");
    }

    /** Writes down with what a machine is started. */
    public static void write(MachineFiles files, Settings settings) throws FcvmException {
        try {
            MachineFiles.write(
                    files.start(), Jsonb.instance().type(StartSettings.class).toJson(of(settings)));
        } catch (IOException failure) {
            throw new FcvmException(Kind.HOST, "cannot write " + files.start() + ": " + IoReason.of(failure), failure);
        }
    }

    /** Returns the settings of this process with those that a machine was started with last; its own, where none are known. */
    public static Settings over(Settings own, MachineFiles files) {
        return read(files).map(known -> known.over(own)).orElse(own);
    }

    /** Tells whether the published ports of a machine are those of another network namespace than this process's. */
    public static boolean isElsewhere(MachineFiles files) throws FcvmException {
        Optional<StartSettings> known = read(files);
        return known.isPresent() && NetworkNamespace.parse(known.get().home()).isBeside(NetworkNamespace.own());
    }

    private static Optional<StartSettings> read(MachineFiles files) {
        try {
            return Optional.of(Jsonb.instance().type(StartSettings.class).fromJson(Files.readString(files.start())));
        } catch (IOException | JsonException | IllegalArgumentException unknown) {
            return Optional.empty();
        }
    }

    /** Returns the settings of this process with these. */
    public Settings over(Settings own) {
        return new Settings(
                own.directories(),
                own.mode(),
                own.vmm(),
                Arrays.stream(KvmUse.values())
                        .filter(use -> use.name().equals(kvm))
                        .findFirst()
                        .orElse(own.kvm()),
                own.init(),
                path(qemu, own.qemu()),
                path(firecracker, own.firecracker()),
                path(jailer, own.jailer()),
                UserRange.parse(users).or(own::jailerUids),
                own.network(),
                NetworkPool.parse(pool).orElse(own.networkPool()),
                NetworkPool6.parse(pool6).orElse(own.networkPool6()),
                own.kernel(),
                own.kernelArguments(),
                noLimits,
                own.warmBase(),
                own.diskSize(),
                new DataSize(diskFloor),
                own.imageMaxSize(),
                own.imageMaxFiles(),
                bootMillis > 0 ? Optional.of(Duration.ofMillis(bootMillis)) : own.bootTimeout(),
                own.supervisor(),
                own.supervisorIdle(),
                own.home());
    }

    private static Optional<Path> path(String text, Optional<Path> otherwise) {
        return text.isEmpty() ? otherwise : Optional.of(Path.of(text));
    }
}
