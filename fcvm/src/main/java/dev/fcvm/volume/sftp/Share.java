package dev.fcvm.volume.sftp;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What is served.
 *
 * @param directory the directory of the host
 * @param only the one file in it that there is for the guest; empty for all
 * @param fixed how large that file is and stays, with all else of it but its content; empty where it may change
 * @param writable whether the guest may change anything
 * @param identities which user is which
 */
public record Share(
        Path directory, Optional<String> only, OptionalLong fixed, boolean writable, Identities identities) {

    /** One that may change in all that it is. */
    Share(Path directory, Optional<String> only, boolean writable, Identities identities) {
        this(directory, only, OptionalLong.empty(), writable, identities);
    }
}
