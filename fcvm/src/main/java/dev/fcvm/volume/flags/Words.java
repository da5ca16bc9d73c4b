package dev.fcvm.volume.flags;

import dev.fcvm.error.FcvmException;
import dev.fcvm.settings.DataSize;
import dev.fcvm.volume.IdMap;
import dev.fcvm.volume.MapMode;
import dev.fcvm.volume.SyncMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The words behind a mapping's paths: fcvm's own and Podman's, read one by one. */
final class Words {

    /** Those Podman in the guest carries out on what is mounted there. */
    private static final Set<String> PASSED = Set.of(
            "dev",
            "nodev",
            "exec",
            "noexec",
            "suid",
            "nosuid",
            "private",
            "rprivate",
            "shared",
            "rshared",
            "slave",
            "rslave",
            "unbindable",
            "runbindable",
            "U",
            "O");

    /** Those that change nothing in a machine: it has no SELinux, and nothing is mounted below what it gets. */
    private static final Set<String> IDLE = Set.of("z", "Z", "bind", "rbind", "norecursive");

    private final String flag;
    private Optional<Boolean> readOnly = Optional.empty();
    private Optional<MapMode> mode = Optional.empty();
    private Optional<DataSize> size = Optional.empty();
    private Optional<SyncMode> sync = Optional.empty();
    private Optional<IdMap> ids = Optional.empty();
    private boolean create;
    private boolean copyUp = true;
    private final List<String> options = new ArrayList<>();

    /**
     * @param flag the flag and its value, for messages
     */
    Words(String flag) {
        this.flag = flag;
    }

    /** Reads one word. */
    void take(String word) throws FcvmException {
        int equals = word.indexOf('=');
        if (equals > 0) {
            take(word.substring(0, equals), word.substring(equals + 1));
            return;
        }
        switch (word) {
            case "ro" -> writable(false);
            case "rw" -> writable(true);
            case "create" -> create = true;
            case "copy" -> copyUp = true;
            case "nocopy" -> copyUp = false;
            default -> {
                if (PASSED.contains(word)) {
                    options.add(word);
                } else if (!IDLE.contains(word)) {
                    throw wrong("invalid option \"" + word + "\"");
                }
            }
        }
    }

    private void take(String name, String value) throws FcvmException {
        switch (name) {
            case "mode" ->
                mode = Optional.of(MapMode.of(value)
                        .orElseThrow(() -> wrong("mode is \"" + value + "\"; it must be one of: " + MapMode.words())));
            case "size" ->
                size = Optional.of(DataSize.parse(value)
                        .filter(given -> given.bytes() > 0)
                        .orElseThrow(() -> wrong("size is \"" + value + "\"; it must be a number such as 512m or 4g")));
            case "sync" ->
                sync = Optional.of(SyncMode.of(value)
                        .orElseThrow(() -> wrong("sync is \"" + value + "\"; it must be back or none")));
            case "idmap" ->
                ids = Optional.of(IdMap.of(value)
                        .orElseThrow(() -> wrong("idmap is \"" + value + "\"; it must be host or user")));
            case "create" -> create = truth(name, value);
            default -> throw wrong("invalid option \"" + name + "=" + value + "\"");
        }
    }

    /** Says whether it may be written to. */
    void writable(boolean may) throws FcvmException {
        if (readOnly.isPresent() && readOnly.get() == may) {
            throw wrong("it is both read-only and not");
        }
        readOnly = Optional.of(!may);
    }

    /** Adds a word of Podman's. */
    void pass(String word) {
        options.add(word);
    }

    void copyUp(boolean wanted) {
        copyUp = wanted;
    }

    /** Reads a word for yes or no, as Go does. */
    boolean truth(String name, String value) throws FcvmException {
        return switch (value) {
            case "1", "t", "T", "TRUE", "true", "True" -> true;
            case "0", "f", "F", "FALSE", "false", "False" -> false;
            default -> throw wrong(name + " is \"" + value + "\"; it must be true or false");
        };
    }

    boolean readOnly() {
        return readOnly.orElse(false);
    }

    MapMode mode(MapMode otherwise) {
        return mode.orElse(otherwise);
    }

    Optional<DataSize> size() {
        return size;
    }

    SyncMode sync() {
        return sync.orElse(SyncMode.BACK);
    }

    Optional<IdMap> ids() {
        return ids;
    }

    boolean create() {
        return create;
    }

    boolean copyUp() {
        return copyUp;
    }

    List<String> options() {
        return List.copyOf(options);
    }

    /** Refuses what only means something for a directory of the host. */
    void forVolume() throws FcvmException {
        if (mode.isPresent() || sync.isPresent() || ids.isPresent() || create) {
            throw wrong("mode, sync, idmap and create are for directories of this host, not for volumes");
        }
    }

    FcvmException wrong(String why) {
        return new FcvmException(FcvmException.Kind.USAGE, flag + ": " + why);
    }
}
