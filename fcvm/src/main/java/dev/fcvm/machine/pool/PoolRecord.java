package dev.fcvm.machine.pool;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.machine.store.StartSettings;
import dev.fcvm.settings.DataSize;
import dev.fcvm.settings.Mode;
import dev.fcvm.settings.Settings;
import dev.fcvm.vmm.VmSpec.Isolation;
import io.avaje.jsonb.Json;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a pool is to be, as it lies on the disk.
 *
 * @param version of this layout
 * @param name what it is called
 * @param created when it was made, ISO 8601
 * @param snapshot the snapshot its machines go on from; empty where that is a warm base
 * @param snapshotId that one's id: another one of the same name is another machine
 * @param shape what its machines are where they start from a warm base
 * @param size how many machines are to be ready
 * @param memory how many bytes of the host's memory they may take together; 0 where nothing was said
 * @param mode with which privileges: rootless or privileged
 * @param settings with what they are started
 */
@Json
public record PoolRecord(
        int version,
        String name,
        String created,
        String snapshot,
        String snapshotId,
        Optional<PoolShape> shape,
        int size,
        long memory,
        String mode,
        StartSettings settings) {

    /** A damaged document lacks fields. */
    @SuppressWarnings("OptionalAssignedToNull")
    public PoolRecord {
        shape = Objects.requireNonNullElse(shape, Optional.empty());
    }

    /** The layout this fcvm knows. */
    static final int VERSION = 1;

    /** How many machines one pool may have. */
    public static final int MOST = 100;

    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}");

    /**
     * Describes one that is made now.
     *
     * @throws FcvmException when what it is made under cannot be told
     */
    public static PoolRecord of(
            String name,
            String created,
            String snapshot,
            String snapshotId,
            Optional<PoolShape> shape,
            int size,
            long memory,
            Isolation isolation,
            Settings settings)
            throws FcvmException {
        return new PoolRecord(
                VERSION,
                name,
                created,
                snapshot,
                snapshotId,
                shape,
                size,
                memory,
                isolation.name().toLowerCase(Locale.ROOT),
                StartSettings.of(settings));
    }

    /** Returns whether all of it is there: a damaged document lacks fields. */
    @SuppressWarnings("ConstantValue")
    boolean isWhole() {
        return Stream.of(name, created, snapshot, snapshotId, mode, settings).noneMatch(Objects::isNull)
                && snapshot.isEmpty() == shape.isPresent()
                && size > 0
                && size <= MOST
                && Arrays.stream(Isolation.values())
                        .anyMatch(one -> one.name().toLowerCase(Locale.ROOT).equals(mode));
    }

    /** Refuses what is no name for a pool. */
    public static String checkName(String name) throws FcvmException {
        if (!isName(name)) {
            throw new FcvmException(
                    Kind.USAGE,
                    "\"" + name + "\" is no name for a pool: it must be letters, digits, '_', '.' and '-', the first a"
                            + " letter or digit, at most 128");
        }
        return name;
    }

    static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    /** Reads how many machines are to be ready. */
    public static int checkSize(int size) throws FcvmException {
        if (size < 1 || size > MOST) {
            throw new FcvmException(Kind.USAGE, "--size is " + size + "; it must be between 1 and " + MOST);
        }
        return size;
    }

    /** Reads how much memory they may take, in bytes. */
    public static long parseMemory(String text) throws FcvmException {
        return DataSize.parse(text)
                .map(DataSize::bytes)
                .filter(bytes -> bytes > 0)
                .orElseThrow(() -> new FcvmException(
                        Kind.USAGE, "--max-memory is \"" + text + "\"; it must be a size such as 512m or 2g"));
    }

    /** Returns with which privileges its machines run. */
    public Isolation isolation() {
        return Isolation.valueOf(mode.toUpperCase(Locale.ROOT));
    }

    /** Returns the settings of this process with those its machines are started with. */
    public Settings over(Settings own) {
        Settings with = inMode(settings.over(own));
        return shape.map(made -> made.over(with)).orElse(with);
    }

    /** Returns the same settings for a machine with the privileges of those that wait. */
    public Settings inMode(Settings other) {
        return other.inMode(Mode.valueOf(mode.toUpperCase(Locale.ROOT)));
    }
}
