package dev.fcvm.volume.flags;

import dev.fcvm.error.FcvmException;
import dev.fcvm.volume.MapMode;
import dev.fcvm.volume.Mapping;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The flags {@code --map}, {@code --volume}, {@code --mount} and {@code --map-mode}, together. */
public final class MappingFlags {

    /** Podman's word for giving all that is mapped to the container's user. */
    private static final String OWN = "U";

    private final FlagContext context;

    /**
     * @param mode {@code --map-mode}
     * @param paths makes a path of the caller's absolute
     */
    public MappingFlags(Optional<String> mode, Function<String, Path> paths) throws FcvmException {
        this.context = new FlagContext(mode(mode), paths);
    }

    /**
     * What the flags say.
     *
     * @param mappings what fcvm carries out
     * @param podman flags for Podman in the guest, each joined to its value
     */
    public record Read(List<Mapping> mappings, List<String> podman) {

        public Read {
            mappings = List.copyOf(mappings);
            podman = List.copyOf(podman);
        }
    }

    /**
     * Reads them.
     *
     * @param maps the values of {@code --map}
     * @param volumes the values of {@code --volume}
     * @param mounts the values of {@code --mount}
     * @throws FcvmException with what is wrong with which
     */
    public Read read(List<String> maps, List<String> volumes, List<String> mounts) throws FcvmException {
        List<Mapping> mappings = new ArrayList<>();
        List<String> podman = new ArrayList<>();
        for (String map : maps) {
            mappings.add(MapFlag.parse(map, context));
        }
        for (String volume : volumes) {
            add(VolumeFlag.parse(volume, context), mappings, podman);
        }
        for (String mount : mounts) {
            add(MountFlag.parse(mount, context), mappings, podman);
        }
        return new Read(distinct(mappings), podman);
    }

    private static void add(Parsed parsed, List<Mapping> mappings, List<String> podman) {
        switch (parsed) {
            case Parsed.Ours(Mapping mapping) -> mappings.add(mapping);
            case Parsed.Podmans(String flag) -> podman.add(flag);
        }
    }

    private static MapMode mode(Optional<String> word) throws FcvmException {
        if (word.isEmpty()) {
            return MapMode.BLOCK;
        }
        return MapMode.of(word.get())
                .orElseThrow(() -> new FcvmException(
                        FcvmException.Kind.USAGE,
                        "--map-mode is \"" + word.get() + "\"; it must be one of: " + MapMode.words()));
    }

    /** As with Podman, the same may be said twice, and no two things of one place in the container. */
    private static List<Mapping> distinct(List<Mapping> mappings) throws FcvmException {
        Map<String, Mapping> targets = new LinkedHashMap<>();
        for (Mapping mapping : mappings) {
            if (mapping.readOnly() && mapping.options().contains(OWN)) {
                throw new FcvmException(
                        FcvmException.Kind.USAGE,
                        mapping.target()
                                + ": U gives its files to the container's user, which ro does not let; leave one of"
                                + " them out, or use --map with idmap=user");
            }
            Mapping other = targets.putIfAbsent(mapping.target(), mapping);
            if (other != null && !other.equals(mapping)) {
                // Podman's own words.
                throw new FcvmException(FcvmException.Kind.USAGE, mapping.target() + ": duplicate mount destination");
            }
        }
        return List.copyOf(targets.values());
    }
}
