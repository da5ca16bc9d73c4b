package dev.fcvm.image;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.text.RawPaths;
import dev.fcvm.image.QualifiedName.Unqualified;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What Podman's configuration says about short names (containers-registries.conf(5)). Mirrors, blocked and insecure
 * registries are skopeo's affair, which reads the same files.
 *
 * @param searchRegistries where a short name is looked for, in this order
 * @param aliases short names that stand for one full name each
 * @param mode what is done with a name that could be in several of the registries
 */
record RegistriesConf(List<String> searchRegistries, Map<String, String> aliases, ShortNameMode mode) {

    /** The values of {@code short-name-mode}. Nobody is ever asked here, as Podman asks nobody without a terminal. */
    enum ShortNameMode {
        /** All are tried; Podman never asks. */
        DISABLED,
        /** All are tried; Podman asks where there is a terminal. */
        PERMISSIVE,
        /** The user would have to choose. */
        ENFORCING
    }

    RegistriesConf {
        searchRegistries = List.copyOf(searchRegistries);
        aliases = Map.copyOf(aliases);
    }

    /**
     * Reads the user's files, or where there are none, the system's, and the aliases Podman has remembered.
     *
     * @param root {@code /}, but for tests
     * @param environment of the process: HOME, CONTAINERS_REGISTRIES_CONF, XDG_CACHE_HOME
     */
    static RegistriesConf read(Path root, Map<String, String> environment) throws FcvmException {
        List<String> search = new ArrayList<>();
        Map<String, String> aliases = new HashMap<>();
        ShortNameMode mode = ShortNameMode.PERMISSIVE;
        for (Path file : files(root, environment)) {
            for (TomlSubset.Entry entry : entries(file)) {
                switch (entry.table() + "/" + entry.key()) {
                    case "/unqualified-search-registries", "registries.search/registries" -> {
                        search.clear();
                        search.addAll(entry.values());
                    }
                    case "/short-name-mode" -> mode = mode(file, entry);
                    case String other -> {
                        if (entry.table().equals("aliases") && entry.values().size() == 1) {
                            aliases.put(entry.key(), entry.values().getFirst());
                        }
                    }
                }
            }
        }
        aliases.values().removeIf(String::isEmpty); // an empty one takes an alias of an earlier file away
        return new RegistriesConf(search, aliases, mode);
    }

    /** Returns the file that is named in the environment, as Podman takes it. */
    static Optional<Path> named(Map<String, String> environment) {
        return Stream.of("CONTAINERS_REGISTRIES_CONF", "REGISTRIES_CONFIG_PATH")
                .map(variable -> environment.getOrDefault(variable, ""))
                .filter(value -> !value.isEmpty())
                .map(Path::of)
                .findFirst();
    }

    private static ShortNameMode mode(Path file, TomlSubset.Entry entry) throws FcvmException {
        String word = String.join(" ", entry.values());
        for (ShortNameMode mode : ShortNameMode.values()) {
            if (mode.name().toLowerCase(Locale.ROOT).equals(word)) {
                return mode;
            }
        }
        throw new FcvmException(
                Kind.HOST,
                "cannot understand %s: short-name-mode is \"%s\": it must be enforcing, permissive or disabled"
                        .formatted(file, QualifiedName.printable(word)));
    }

    private static List<Path> files(Path root, Map<String, String> environment) throws FcvmException {
        Path home = RawPaths.resolve(Path.of("/"), environment.getOrDefault("HOME", "/"));
        // Not XDG_CONFIG_HOME, which neither skopeo nor Podman looks at for these.
        Path userDirectory = home.resolve(".config/containers");
        Path systemDirectory = root.resolve("etc/containers");
        Path userFile = userDirectory.resolve("registries.conf");
        Optional<Path> named = named(environment);
        boolean userOnly = named.isEmpty() && Files.exists(userFile);
        List<Path> files = new ArrayList<>();
        files.add(named.orElse(userOnly ? userFile : systemDirectory.resolve("registries.conf")));
        if (!userOnly) {
            files.addAll(dropIns(systemDirectory.resolve("registries.conf.d")));
        }
        files.addAll(dropIns(userDirectory.resolve("registries.conf.d")));
        files.add(remembered(root, home, environment));
        return files;
    }

    /** Where Podman keeps the choices a user made at its prompt. */
    private static Path remembered(Path root, Path home, Map<String, String> environment) {
        Path cache = home.equals(root.resolve("root"))
                ? root.resolve("var/cache")
                : Optional.ofNullable(environment.get("XDG_CACHE_HOME"))
                        .filter(value -> !value.isEmpty())
                        .map(value -> RawPaths.resolve(Path.of("/"), value))
                        .orElse(home.resolve(".cache"));
        return cache.resolve("containers/short-name-aliases.conf");
    }

    private static List<Path> dropIns(Path directory) throws FcvmException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, "*.conf")) {
            found.forEach(files::add);
        } catch (IOException e) {
            throw unreadable(directory, e);
        }
        files.sort(null);
        return files;
    }

    private static List<TomlSubset.Entry> entries(Path file) throws FcvmException {
        if (!Files.exists(file)) {
            return List.of();
        }
        try {
            return TomlSubset.parse(Files.readString(file));
        } catch (IOException e) {
            throw unreadable(file, e);
        } catch (TomlSubset.MalformedException e) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot understand %s, %s: mend it, or give the image's full name with its registry"
                            .formatted(file, QualifiedName.printable(String.valueOf(e.getMessage()))),
                    e);
        }
    }

    private static FcvmException unreadable(Path file, IOException e) {
        return new FcvmException(
                Kind.HOST,
                "cannot read %s (%s): make it readable, or give the image's full name with its registry"
                        .formatted(file, e.getMessage()),
                e);
    }

    /** Returns the full names a short name may have in the store, the likeliest first, as Podman orders them. */
    List<QualifiedName> local(Unqualified name) throws FcvmException {
        List<QualifiedName> names = new ArrayList<>();
        Optional<QualifiedName> alias = alias(name);
        if (alias.isPresent()) {
            names.add(alias.get());
        }
        names.add(QualifiedName.in("localhost", name).withDefaultTag());
        names.addAll(searched(name));
        names.add(QualifiedName.in(QualifiedName.DOCKER_HUB, name).withDefaultTag());
        return names.stream().distinct().toList();
    }

    /**
     * Returns the full names under which a short name is to be fetched, in this order; at least one.
     *
     * @param text the name as the user wrote it
     * @throws FcvmException when the files do not say which one it means
     */
    List<QualifiedName> remote(String text, Unqualified name) throws FcvmException {
        Optional<QualifiedName> alias = alias(name);
        if (alias.isPresent()) {
            return List.of(alias.get());
        }
        List<QualifiedName> names = searched(name);
        if (names.isEmpty()) {
            throw new FcvmException(
                    Kind.USAGE,
                    "\"%s\" is a short name that registries.conf knows nothing of: give the full one, for example %s"
                            .formatted(text, QualifiedName.parse(text).withDefaultTag()));
        }
        if (names.size() > 1 && mode == ShortNameMode.ENFORCING) {
            throw new FcvmException(
                    Kind.USAGE,
                    "\"%s\" may be in several registries, and registries.conf wants it to be said which: give one of %s"
                            .formatted(
                                    text,
                                    String.join(
                                            ", ",
                                            names.stream()
                                                    .map(QualifiedName::toString)
                                                    .toList())));
        }
        return names;
    }

    private Optional<QualifiedName> alias(Unqualified name) throws FcvmException {
        String target = aliases.get(name.path());
        if (target == null) {
            return Optional.empty();
        }
        QualifiedName full = QualifiedName.parse(target);
        return Optional.of(
                new QualifiedName(full.registry(), full.repository(), name.tag(), name.digest()).withDefaultTag());
    }

    private List<QualifiedName> searched(Unqualified name) throws FcvmException {
        List<QualifiedName> names = new ArrayList<>();
        for (String registry : searchRegistries) {
            names.add(QualifiedName.in(registry, name).withDefaultTag());
        }
        return names.stream().distinct().toList();
    }
}
