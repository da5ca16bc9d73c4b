package dev.fcvm.settings;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.text.RawPaths;
import dev.fcvm.host.user.Caller;
import dev.fcvm.host.user.UserRange;
import dev.fcvm.settings.file.ConfigFiles;
import dev.fcvm.settings.file.ConfigValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns flags, environment and {@code .env} into {@link Settings}. */
public final class SettingsReader {

    /** Linux on x86 takes 2,048 bytes (COMMAND_LINE_SIZE), of which the monitors need some themselves. */
    private static final int LONGEST_KERNEL_ARGUMENTS = 1024;

    /** Less than this Podman cannot start a container on; more than this is no block device of 4 KiB blocks. */
    private static final DataSize LEAST_DISK = new DataSize(64L << 20);

    private static final DataSize MOST_DISK = new DataSize(8L << 40);

    private static final Pattern DURATION = Pattern.compile("([0-9]{1,6})(ms|s|m)?");

    private final Map<Key, String> flags;
    private final Map<String, String> environment;
    private final Path directory;
    private final EnvFile file;
    private final ConfigFiles config;
    private final Problems problems;

    private SettingsReader(
            Map<Key, String> flags,
            Map<String, String> environment,
            Path directory,
            EnvFile file,
            ConfigFiles config,
            Problems problems) {
        this.flags = flags;
        this.environment = environment;
        this.directory = directory;
        this.file = file;
        this.config = config;
        this.problems = problems;
    }

    private enum AutoOrOff {
        AUTO,
        OFF
    }

    private enum YesOrNo {
        YES,
        NO
    }

    /**
     * A value and where the user has written it.
     *
     * @param value as it is written
     * @param where in words
     */
    public record Found(String value, String where) {}

    /**
     * Reads them.
     *
     * @param flags what was given on the command line
     * @param environment the caller's environment
     * @param directory the caller's working directory, absolute: relative paths are relative to it
     * @throws FcvmException with everything that is wrong and where it stands
     */
    public static Settings read(Map<Key, String> flags, Map<String, String> environment, Path directory)
            throws FcvmException {
        var problems = new Problems();
        Settings settings = reader(flags, environment, directory, problems).settings();
        problems.throwIfAny();
        return settings;
    }

    /**
     * Returns what is set, and where.
     *
     * @param directory the caller's working directory, absolute
     * @throws FcvmException with everything that is wrong and where it stands
     */
    public static Map<Key, Found> origins(Map<Key, String> flags, Map<String, String> environment, Path directory)
            throws FcvmException {
        var problems = new Problems();
        SettingsReader reader = reader(flags, environment, directory, problems);
        reader.settings();
        problems.throwIfAny();
        Map<Key, Found> origins = new EnumMap<>(Key.class);
        for (Key key : Key.values()) {
            reader.find(key).ifPresent(found -> origins.put(key, found));
        }
        return origins;
    }

    private static SettingsReader reader(
            Map<Key, String> flags, Map<String, String> environment, Path directory, Problems problems)
            throws FcvmException {
        EnvFile file = EnvFile.read(envFile(environment, directory), problems);
        return new SettingsReader(flags, environment, directory, file, configuration(environment, directory), problems);
    }

    /** Reads the configuration files of a caller who works in this directory. */
    public static ConfigFiles configuration(Map<String, String> environment, Path directory) {
        return ConfigFiles.read(environment, directory, Caller.homeInTable());
    }

    /** Returns what is wrong with the values of the settings in the configuration files, whatever stands above them. */
    public static List<String> problems(ConfigFiles config) {
        var problems = new Problems();
        new SettingsReader(
                        Map.of(),
                        Map.of("HOME", "/"),
                        Path.of("/"),
                        new EnvFile(Path.of("/"), Map.of()),
                        config,
                        problems)
                .settings();
        return problems.all();
    }

    private static Path envFile(Map<String, String> environment, Path directory) {
        String named = environment.getOrDefault("FCVM_ENV_FILE", "");
        if (!named.isEmpty()) {
            return RawPaths.resolve(directory, named);
        }
        String home = environment.getOrDefault("FCVM_HOME", "");
        if (home.isEmpty()) {
            return Path.of("/nonexistent/.env");
        }
        Path root = RawPaths.resolve(directory, home);
        Path own = root.resolve(".env");
        return Files.exists(own) ? own : root.resolve("../.env").normalize();
    }

    private Settings settings() {
        Directories directories = new DirectoriesReader(environment, problems)
                .directories(find(Key.DATA_DIRECTORY).flatMap(this::absolute));
        return new Settings(
                directories,
                word(Key.MODE, Mode.values(), Mode.AUTO),
                word(Key.VMM, VmmKind.values(), VmmKind.AUTO),
                word(Key.KVM, KvmUse.values(), KvmUse.AUTO),
                word(Key.INIT, InitSystem.values(), InitSystem.TINY),
                find(Key.QEMU).map(found -> RawPaths.resolve(directory, found.value())),
                find(Key.FIRECRACKER).map(found -> RawPaths.resolve(directory, found.value())),
                find(Key.JAILER).map(found -> RawPaths.resolve(directory, found.value())),
                find(Key.JAILER_UIDS).flatMap(this::users),
                word(Key.NETWORK, NetworkKind.values(), NetworkKind.DEFAULT),
                find(Key.NETWORK_POOL).flatMap(this::pool).orElse(NetworkPool.STANDARD),
                find(Key.NETWORK_POOL6).flatMap(this::pool6).orElse(NetworkPool6.STANDARD),
                find(Key.KERNEL).map(found -> RawPaths.resolve(directory, found.value())),
                find(Key.KERNEL_ARGUMENTS).map(this::words).orElse(List.of()),
                word(Key.NO_LIMITS, YesOrNo.values(), YesOrNo.NO) == YesOrNo.YES,
                word(Key.WARM_BASE, YesOrNo.values(), YesOrNo.YES) == YesOrNo.YES,
                find(Key.DISK_SIZE).flatMap(found -> size(found, LEAST_DISK, MOST_DISK)),
                find(Key.DISK_FLOOR)
                        .flatMap(found -> size(found, new DataSize(0), MOST_DISK))
                        .orElse(Settings.STANDARD_FLOOR),
                find(Key.IMAGE_MAX_SIZE)
                        .flatMap(found -> size(found, new DataSize(1 << 20), Settings.LARGEST_IMAGE))
                        .orElse(Settings.LARGEST_IMAGE),
                find(Key.IMAGE_MAX_FILES).flatMap(this::count).orElse(Settings.MOST_IMAGE_FILES),
                find(Key.BOOT_TIMEOUT).flatMap(this::duration),
                word(Key.SUPERVISOR, AutoOrOff.values(), AutoOrOff.AUTO) == AutoOrOff.AUTO,
                find(Key.SUPERVISOR_IDLE).flatMap(this::duration).orElse(Settings.STANDARD_IDLE),
                Optional.ofNullable(environment.get("FCVM_HOME"))
                        .filter(home -> !home.isEmpty())
                        .map(home -> RawPaths.resolve(directory, home)));
    }

    private Optional<Found> find(Key key) {
        String flag = flags.get(key);
        if (flag != null) {
            return Optional.of(new Found(flag, key.flag()));
        }
        String set = environment.get(key.variable());
        if (set != null) {
            // As in the scripts: one that is empty there asks for the default, whatever the file says.
            return Optional.of(new Found(set, key.variable() + " in the environment"))
                    .filter(found -> !found.value().isEmpty());
        }
        EnvFile.Entry entry = file.values().get(key.variable());
        if (entry != null && !entry.value().isEmpty()) {
            return Optional.of(new Found(entry.value(), key.variable() + " in " + file.file() + ":" + entry.line()));
        }
        return config.setting(key.word())
                .filter(value -> value.kind() != ConfigValue.Kind.LIST)
                .map(value -> new Found(value.text(), value.where() + ": " + key.word()));
    }

    /** A kernel's command line is printable ASCII, and words are separated by blanks. */
    private List<String> words(Found found) {
        if (!found.value().chars().allMatch(character -> character >= ' ' && character < 0x7f)) {
            problems.add(found.where() + " holds characters that no kernel's command line may; use printable ASCII");
        }
        if (found.value().length() > LONGEST_KERNEL_ARGUMENTS) {
            problems.add(found.where() + " is longer than " + LONGEST_KERNEL_ARGUMENTS
                    + " characters, all that a kernel's command line has room for");
        }
        return Arrays.stream(found.value().strip().split(" +"))
                .filter(word -> !word.isEmpty())
                .toList();
    }

    private Optional<Path> absolute(Found found) {
        if (!found.value().startsWith("/")) {
            problems.add(found.where() + " is \"" + found.value() + "\"; it must be an absolute path");
        }
        return Optional.of(RawPaths.resolve(directory, found.value()));
    }

    private <E extends Enum<E>> E word(Key key, E[] words, E otherwise) {
        Optional<Found> found = find(key);
        if (found.isEmpty()) {
            return otherwise;
        }
        String value = found.get().value();
        Function<E, String> name = word -> word.name().toLowerCase(Locale.ROOT);
        Optional<E> match = Arrays.stream(words)
                .filter(word -> name.apply(word).equals(value))
                .findFirst();
        if (match.isEmpty()) {
            String list = String.join(", ", Arrays.stream(words).map(name).toList());
            problems.add(found.get().where() + " is \"" + value + "\"; it must be one of: " + list);
        }
        return match.orElse(otherwise);
    }

    private Optional<UserRange> users(Found found) {
        Optional<UserRange> range = UserRange.parse(found.value());
        if (range.isEmpty()) {
            problems.add(found.where() + " is \"" + found.value()
                    + "\"; it must be two numbers of users, 1000 or more, such as 300000-300999");
        }
        return range;
    }

    private Optional<NetworkPool> pool(Found found) {
        Optional<NetworkPool> pool = NetworkPool.parse(found.value());
        if (pool.isEmpty()) {
            problems.add(
                    found.where() + " is \"" + found.value() + "\"; it must be a network of 4 IPv4 addresses or more"
                            + " that hosts may have, other than 172.30.0.0/30, such as 10.231.0.0/16");
        }
        return pool;
    }

    private Optional<NetworkPool6> pool6(Found found) {
        Optional<NetworkPool6> pool = NetworkPool6.parse(found.value());
        if (pool.isEmpty()) {
            problems.add(
                    found.where() + " is \"" + found.value() + "\"; it must be an IPv6 network with a prefix of 8 to 96"
                            + " bits that hosts may have, other than fd00:ac1e::/64, such as fd12:3456:789a::/64");
        }
        return pool;
    }

    private Optional<DataSize> size(Found found, DataSize least, DataSize most) {
        Optional<DataSize> size = DataSize.parse(found.value());
        if (size.isEmpty()) {
            problems.add(found.where() + " is \"" + found.value()
                    + "\"; it must be a number with b, k, m, g or t behind it, such as 4g or 512m");
        } else if (size.get().bytes() < least.bytes() || size.get().bytes() > most.bytes()) {
            problems.add(found.where() + " is \"" + found.value() + "\"; it must be at least " + least + " and at most "
                    + most);
            return Optional.empty();
        }
        return size;
    }

    private Optional<Long> count(Found found) {
        if (!found.value().matches("[1-9][0-9]{0,11}")) {
            problems.add(found.where() + " is \"" + found.value() + "\"; it must be a number above zero");
            return Optional.empty();
        }
        return Optional.of(Long.valueOf(found.value()));
    }

    private Optional<Duration> duration(Found found) {
        Matcher matcher = DURATION.matcher(found.value());
        if (!matcher.matches() || Long.parseLong(matcher.group(1)) == 0) {
            problems.add(found.where() + " is \"" + found.value()
                    + "\"; it must be a time above zero such as 90s, 2m or 1500ms");
            return Optional.empty();
        }
        long number = Long.parseLong(matcher.group(1));
        String unit = matcher.group(2) == null ? "s" : matcher.group(2);
        return Optional.of(
                switch (unit) {
                    case "ms" -> Duration.ofMillis(number);
                    case "m" -> Duration.ofMinutes(number);
                    default -> Duration.ofSeconds(number);
                });
    }
}
