package dev.fcvm.cli.image;

import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.image.ImageRecord;
import dev.fcvm.image.ImageUsage;
import dev.fcvm.machine.store.MachineStore;
import dev.fcvm.machine.store.MachineView;
import dev.fcvm.settings.Settings;
import dev.fcvm.snapshot.SnapshotStore;

/**
 * The machines, which need their images: those included that have ended and may be started again, and those that are
 * saved. They are looked up each
 * time, since one may have come since.
 *
 * @param settings which say where the machines are
 * @param context with the time
 */
public record ImageUsers(Settings settings, CommandContext context) implements ImageUsage {

    @Override
    public boolean includes(ImageRecord image) throws FcvmException, InterruptedException {
        MachineStore machines = MachineStore.open(settings.directories());
        return MachineView.all(machines, context.clock()).stream()
                        .anyMatch(machine -> machine.digest().equals(image.digest()))
                || SnapshotStore.open(settings.directories()).list().stream()
                        .anyMatch(snapshot -> snapshot.manifest().imageDigest().equals(image.digest()));
    }
}
