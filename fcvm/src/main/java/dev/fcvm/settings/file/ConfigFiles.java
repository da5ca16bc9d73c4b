package dev.fcvm.settings.file;

import dev.fcvm.host.text.RawPaths;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The configuration files there are, the one that wins first: the user's, then the system's.
 *
 * @param files those that are there
 */
public record ConfigFiles(List<ConfigFile> files) {

    /** For FCVM_CONFIG, to have none. */
    private static final Path NOTHING = Path.of("/dev/null");

    private static final Path SYSTEM = Path.of("/etc/fcvm/fcvm.yml");

    public ConfigFiles {
        files = List.copyOf(files);
    }

    /**
     * Reads them. FCVM_CONFIG names one that is read instead of both.
     *
     * @param environment the caller's environment
     * @param directory the caller's working directory
     * @param home the caller's directory, where HOME is not set
     */
    public static ConfigFiles read(Map<String, String> environment, Path directory, Optional<String> home) {
        List<ConfigFile> files = new ArrayList<>();
        for (Path path : paths(environment, directory, home)) {
            // The class that knows YAML is not loaded where there is none.
            if (Files.exists(path) && !path.equals(NOTHING)) {
                files.add(ConfigFile.read(path));
            }
        }
        return new ConfigFiles(files);
    }

    private static List<Path> paths(Map<String, String> environment, Path directory, Optional<String> home) {
        String named = environment.getOrDefault("FCVM_CONFIG", "");
        if (!named.isEmpty()) {
            return List.of(RawPaths.resolve(directory, named));
        }
        String shared = environment.getOrDefault("XDG_CONFIG_HOME", "");
        Optional<Path> users = shared.startsWith("/")
                ? Optional.of(RawPaths.resolve(directory, shared))
                : Optional.of(environment.getOrDefault("HOME", ""))
                        .filter(own -> !own.isEmpty())
                        .or(() -> home)
                        .map(own -> RawPaths.resolve(directory, own).resolve(".config"));
        List<Path> paths = new ArrayList<>();
        users.ifPresent(own -> paths.add(own.resolve("fcvm").resolve("fcvm.yml")));
        paths.add(SYSTEM);
        return paths;
    }

    /** Returns the value of a setting from the first file that has one. */
    public Optional<ConfigValue> setting(String key) {
        return files.stream()
                .map(file -> Optional.ofNullable(file.settings().get(key)))
                .flatMap(Optional::stream)
                .filter(value -> !value.texts().isEmpty())
                .findFirst();
    }

    /** Returns the value of a flag of a command from the first file that has one. */
    public Optional<ConfigValue> flag(String command, String flag) {
        return files.stream()
                .map(file -> Optional.ofNullable(
                        file.sections().getOrDefault(command, Map.of()).get(flag)))
                .flatMap(Optional::stream)
                .filter(value -> !value.texts().isEmpty())
                .findFirst();
    }
}
