package dev.fcvm.image;

import dev.fcvm.host.text.RawPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The files skopeo takes credentials, certificates and rules from, of those that are there: containers-auth.json(5),
 * containers-certs.d(5), containers-registries.conf(5).
 *
 * @param files which
 * @param helpers whether they name programs that have the credentials
 */
record CredentialFiles(List<Path> files, boolean helpers) {

    private static final int LARGEST = 1 << 20;
    private static final Pattern IN_JSON = Pattern.compile("\"(credHelpers|credsStore)\"\\s*:");
    private static final Pattern IN_TOML = Pattern.compile("(?m)^\\s*credential-helpers\\s*=\\s*(.*)$");

    CredentialFiles {
        files = List.copyOf(files);
    }

    /** Finds them. */
    static CredentialFiles of(Map<String, String> environment, Optional<Path> authFile, Optional<Path> registriesConf) {
        List<Path> all = new ArrayList<>();
        authFile.ifPresent(all::add);
        registriesConf.ifPresent(all::add);
        named(environment, "REGISTRY_AUTH_FILE", "").ifPresent(all::add);
        named(environment, "XDG_RUNTIME_DIR", "containers/auth.json").ifPresent(all::add);
        all.add(Path.of("/run/containers/0/auth.json"));
        named(environment, "XDG_CONFIG_HOME", "containers").ifPresent(all::add);
        named(environment, "HOME", ".config/containers").ifPresent(all::add);
        named(environment, "HOME", ".docker/config.json").ifPresent(all::add);
        named(environment, "HOME", ".dockercfg").ifPresent(all::add);
        all.add(Path.of("/etc/containers"));
        all.add(Path.of("/etc/docker/certs.d"));
        List<Path> there = all.stream()
                .map(Path::toAbsolutePath)
                .filter(Files::exists)
                .distinct()
                .toList();
        return new CredentialFiles(
                there, there.stream().flatMap(CredentialFiles::documents).anyMatch(CredentialFiles::namesHelpers));
    }

    private static Optional<Path> named(Map<String, String> environment, String variable, String below) {
        return Optional.ofNullable(environment.get(variable))
                .filter(value -> value.startsWith("/"))
                .map(value -> RawPaths.resolve(Path.of("/"), value).resolve(below));
    }

    private static Stream<Path> documents(Path file) {
        return Files.isDirectory(file)
                ? Stream.of("auth.json", "registries.conf").map(file::resolve).filter(Files::exists)
                : Stream.of(file);
    }

    private static boolean namesHelpers(Path file) {
        try {
            String text = Files.size(file) > LARGEST ? "" : Files.readString(file);
            boolean toml = IN_TOML.matcher(text)
                    .results()
                    .anyMatch(line -> line.group(1)
                            .replace("\"containers-auth.json\"", "")
                            .contains("\""));
            return toml || IN_JSON.matcher(text).find();
        } catch (IOException e) {
            return false; // skopeo cannot read it either, and says so
        }
    }
}
