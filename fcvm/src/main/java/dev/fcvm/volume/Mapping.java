package dev.fcvm.volume;

import dev.fcvm.settings.DataSize;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What the user wants at a path of the container. */
public sealed interface Mapping {

    /** Returns the path in the container: absolute, without a dot, and not {@code /}. */
    String target();

    /** Returns whether the container may not write to it. */
    boolean readOnly();

    /** Returns further options of Podman's for it, such as {@code nosuid}. */
    List<String> options();

    /**
     * A directory of the host, or a single file.
     *
     * @param target see {@link Mapping#target}
     * @param source an absolute path; nothing is known of it yet
     * @param readOnly see {@link Mapping#readOnly}
     * @param mode how it comes into the machine
     * @param size how large its disk is; empty for what is there and as much again
     * @param sync what becomes of changes to a copy
     * @param create whether a directory is made where there is nothing
     * @param ids who owns it; empty for what suits how fcvm is run
     * @param options see {@link Mapping#options}
     */
    record HostDirectory(
            String target,
            Path source,
            boolean readOnly,
            MapMode mode,
            Optional<DataSize> size,
            SyncMode sync,
            boolean create,
            Optional<IdMap> ids,
            List<String> options)
            implements Mapping {

        public HostDirectory {
            options = List.copyOf(options);
        }
    }

    /**
     * A volume with a name, made where there is none.
     *
     * @param target see {@link Mapping#target}
     * @param volume its name
     * @param readOnly see {@link Mapping#readOnly}
     * @param size how large it is when it is made; a smaller one is grown
     * @param copyUp whether an empty one gets what the image has at that place
     * @param own whether it is a clone's own copy of that volume, which goes with the machine, instead of the volume
     * @param options see {@link Mapping#options}
     */
    record Volume(
            String target,
            VolumeName volume,
            boolean readOnly,
            Optional<DataSize> size,
            boolean copyUp,
            boolean own,
            List<String> options)
            implements Mapping {

        public Volume {
            options = List.copyOf(options);
        }

        /** The volume itself. */
        public Volume(
                String target,
                VolumeName volume,
                boolean readOnly,
                Optional<DataSize> size,
                boolean copyUp,
                List<String> options) {
            this(target, volume, readOnly, size, copyUp, false, options);
        }
    }
}
