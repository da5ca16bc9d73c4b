package dev.fcvm.image;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.image.QualifiedName.Unqualified;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What Podman's configuration says about short names (containers-registries.conf(5)). Mirrors, blocked and insecure
 * registries are skopeo's affair, which reads the same files.
 *
 * @param searchRegistries where a short name is looked for, in this order
 * @param aliases short names that stand for one full name each
 */
record RegistriesConf(List<String> searchRegistries, Map<String, String> aliases) {

    RegistriesConf {
        searchRegistries = List.copyOf(searchRegistries);
        aliases = Map.copyOf(aliases);
    }

    /**
     * Reads the user's files, or where there are none, the system's, and the aliases Podman has remembered.
     *
     * @param root {@code /}, but for tests
     * @param environment of the process: HOME, CONTAINERS_REGISTRIES_CONF, XDG_CONFIG_HOME, XDG_CACHE_HOME
     */
    static RegistriesConf read(Path root, Map<String, String> environment) throws FcvmException {
        List<String> search = new ArrayList<>();
        Map<String, String> aliases = new HashMap<>();
        for (Path file : files(root, environment)) {
            for (TomlSubset.Entry entry : entries(file)) {
                switch (entry.table() + "/" + entry.key()) {
                    case "/unqualified-search-registries", "registries.search/registries" -> {
                        search.clear();
                        search.addAll(entry.values());
                    }
                    case String other -> {
                        if (entry.table().equals("aliases") && entry.values().size() == 1) {
                            aliases.put(entry.key(), entry.values().getFirst());
                        }
                    }
                }
            }
        }
        aliases.values().removeIf(String::isEmpty); // an empty one takes an alias of an earlier file away
        return new RegistriesConf(search, aliases);
    }

    private static List<Path> files(Path root, Map<String, String> environment) throws FcvmException {
        Path home = Path.of(environment.getOrDefault("HOME", "/"));
        Path userDirectory = Optional.ofNullable(environment.get("XDG_CONFIG_HOME"))
                .filter(value -> !value.isEmpty())
                .map(Path::of)
                .orElse(home.resolve(".config"))
                .resolve("containers");
        Path systemDirectory = root.resolve("etc/containers");
        Path userFile = userDirectory.resolve("registries.conf");
        Optional<Path> named = Optional.ofNullable(environment.get("CONTAINERS_REGISTRIES_CONF"))
                .filter(value -> !value.isEmpty())
                .map(Path::of);
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
                        .map(Path::of)
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
                            .formatted(file, e.getMessage()),
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
        return names;
    }

    /** Returns the full names under which a short name is to be fetched, in this order. */
    List<QualifiedName> remote(Unqualified name) throws FcvmException {
        Optional<QualifiedName> alias = alias(name);
        return alias.isPresent() ? List.of(alias.get()) : searched(name);
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

    /** Without any configuration a short name is Docker Hub's, as with docker. */
    private List<QualifiedName> searched(Unqualified name) throws FcvmException {
        List<QualifiedName> names = new ArrayList<>();
        for (String registry : searchRegistries.isEmpty() ? List.of(QualifiedName.DOCKER_HUB) : searchRegistries) {
            names.add(QualifiedName.in(registry, name).withDefaultTag());
        }
        return names.stream().distinct().toList();
    }
}
