package dev.fcvm.cli;

import dev.fcvm.error.FcvmException;
import dev.fcvm.image.ImageRecord;
import dev.fcvm.machine.MachineStore;
import dev.fcvm.machine.MachineView;
import dev.fcvm.settings.Settings;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The images that machines need, those included that have ended and may be started again.
 *
 * @param digests of their manifests
 */
record ImageUsers(Set<String> digests) {

    static ImageUsers of(Settings settings, Surroundings surroundings) throws FcvmException, InterruptedException {
        MachineStore machines = MachineStore.open(settings.directories());
        return new ImageUsers(MachineView.all(machines, surroundings.clock()).stream()
                .map(MachineView::digest)
                .collect(Collectors.toUnmodifiableSet()));
    }

    boolean include(ImageRecord image) {
        return digests.contains(image.digest());
    }
}
