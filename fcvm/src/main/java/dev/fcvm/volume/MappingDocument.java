package dev.fcvm.volume;

import dev.fcvm.error.FcvmException;
import dev.fcvm.settings.DataSize;
import io.avaje.jsonb.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A {@link Mapping} as it is written down, so that a machine can be started again with what it was created with.
 *
 * @param target the path in the container
 * @param source a directory of the host; empty for a volume
 * @param volume a volume's name; empty for a directory
 * @param readOnly whether the container may not write to it
 * @param mode {@code block}, {@code sshfs} or {@code nfs}
 * @param size in bytes; 0 for the usual
 * @param sync {@code back} or {@code none}
 * @param create whether a missing directory is made
 * @param ids {@code host}, {@code user} or empty
 * @param copyUp whether an empty volume gets what the image has there
 * @param own whether it is a clone's own copy of a volume
 * @param options of Podman's
 */
@Json
public record MappingDocument(
        String target,
        String source,
        String volume,
        boolean readOnly,
        String mode,
        long size,
        String sync,
        boolean create,
        String ids,
        boolean copyUp,
        boolean own,
        List<String> options) {

    /** A damaged document lacks fields, and is told as such when it is read. */
    public MappingDocument {
        target = Objects.requireNonNullElse(target, "");
        source = Objects.requireNonNullElse(source, "");
        volume = Objects.requireNonNullElse(volume, "");
        mode = Objects.requireNonNullElse(mode, "");
        sync = Objects.requireNonNullElse(sync, "");
        ids = Objects.requireNonNullElse(ids, "");
        options = List.copyOf(Objects.requireNonNullElse(options, List.of()));
    }

    /** Writes one down. */
    public static MappingDocument of(Mapping mapping) {
        return switch (mapping) {
            case Mapping.HostDirectory directory ->
                new MappingDocument(
                        directory.target(),
                        directory.source().toString(),
                        "",
                        directory.readOnly(),
                        directory.mode().word(),
                        directory.size().map(DataSize::bytes).orElse(0L),
                        directory.sync().word(),
                        directory.create(),
                        directory.ids().map(IdMap::word).orElse(""),
                        false,
                        false,
                        directory.options());
            case Mapping.Volume volume ->
                new MappingDocument(
                        volume.target(),
                        "",
                        volume.volume().value(),
                        volume.readOnly(),
                        MapMode.BLOCK.word(),
                        volume.size().map(DataSize::bytes).orElse(0L),
                        SyncMode.NONE.word(),
                        false,
                        "",
                        volume.copyUp(),
                        volume.own(),
                        volume.options());
        };
    }

    /** Returns the same in a clone: a volume is a copy of its own there, since a machine alone may write to the volume. */
    public MappingDocument cloned() {
        return new MappingDocument(
                target, source, volume, readOnly, mode, size, sync, create, ids, copyUp, source.isEmpty(), options);
    }

    /**
     * Reads it.
     *
     * @throws FcvmException when it says what no machine can have been given
     */
    public Mapping mapping() throws FcvmException {
        Optional<DataSize> wanted = size > 0 ? Optional.of(new DataSize(size)) : Optional.empty();
        if (source.isEmpty()) {
            return new Mapping.Volume(target, VolumeName.parse(volume), readOnly, wanted, copyUp, own, options);
        }
        return new Mapping.HostDirectory(
                target,
                Path.of(source),
                readOnly,
                MapMode.of(mode).orElseThrow(() -> damaged("mode", mode)),
                wanted,
                SyncMode.of(sync).orElseThrow(() -> damaged("sync", sync)),
                create,
                IdMap.of(ids),
                options);
    }

    private FcvmException damaged(String field, String value) {
        return new FcvmException(
                FcvmException.Kind.HOST,
                "the mapping at " + target + " cannot be read: its " + field + " is \"" + value
                        + "\"; make the machine again");
    }
}
