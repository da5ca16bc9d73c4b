package dev.fcvm.cli.snapshot;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.snapshot.Snapshot;
import dev.fcvm.snapshot.SnapshotManifest;
import io.avaje.jsonb.Json;
import java.io.IOException;

/**
 * A snapshot as {@code fcvm snapshot ls --json} shows it.
 *
 * @param name its name
 * @param id its id
 * @param created when it was made, ISO 8601
 * @param machine the name of the machine that was saved
 * @param image that machine's image
 * @param vmm qemu or firecracker
 * @param memoryMib the machine's memory in MiB
 * @param size what it takes on the disk, in bytes
 */
@Json
public record SnapshotView(
        String name, String id, String created, String machine, String image, String vmm, long memoryMib, long size) {

    static SnapshotView of(Snapshot snapshot) throws FcvmException {
        SnapshotManifest manifest = snapshot.manifest();
        try {
            return new SnapshotView(
                    manifest.name(),
                    manifest.id(),
                    manifest.created(),
                    manifest.machineName(),
                    manifest.image(),
                    manifest.vmm(),
                    manifest.memoryMib(),
                    snapshot.allocated());
        } catch (IOException unreadable) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot look at the snapshot " + snapshot.name() + ": " + IoReason.of(unreadable)
                            + "; if it is damaged, remove it with: fcvm snapshot rm " + snapshot.name(),
                    unreadable);
        }
    }
}
