package dev.fcvm.cli.snapshot;

import dev.fcvm.error.FcvmException;
import dev.fcvm.image.ImageStore;
import dev.fcvm.machine.SnapshotTransfer;
import dev.fcvm.settings.Settings;
import dev.fcvm.snapshot.SnapshotStore;

/** Opens the user's store of images. */
@FunctionalInterface
public interface Images {

    /** Opens it as the settings say. */
    ImageStore open(Settings settings);

    /** Returns what takes snapshots to other hosts. */
    default SnapshotTransfer transfer(Settings settings) throws FcvmException {
        return new SnapshotTransfer(settings, SnapshotStore.open(settings.directories()), open(settings));
    }
}
