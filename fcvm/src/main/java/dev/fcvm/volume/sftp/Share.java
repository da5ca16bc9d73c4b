package dev.fcvm.volume.sftp;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What is served.
 *
 * @param directory the directory of the host
 * @param only the one file in it that there is for the guest; empty for all
 * @param writable whether the guest may change anything
 * @param identities which user is which
 */
public record Share(Path directory, Optional<String> only, boolean writable, Identities identities) {}
