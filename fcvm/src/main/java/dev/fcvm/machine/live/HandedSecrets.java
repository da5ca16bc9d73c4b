package dev.fcvm.machine.live;

import dev.fcvm.agent.ContainerStart;
import dev.fcvm.agent.SecretFile;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.session.Audience;
import dev.fcvm.machine.spec.MachineSpec;
import dev.fcvm.volume.secret.MachineSecrets;
import dev.fcvm.volume.secret.SecretStore;
import dev.fcvm.volume.secret.WantedSecret;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What a container is handed at a start, and what nobody keeps: its secrets, with the order to start it. */
final class HandedSecrets {

    private final MachineSpec spec;
    private final MachineSecrets secrets;

    private HandedSecrets(MachineSpec spec, MachineSecrets secrets) {
        this.spec = spec;
        this.secrets = secrets;
    }

    /**
     * Reads them as they are now. A machine that goes on from a snapshot has them in its memory.
     *
     * @throws FcvmException when one is gone
     */
    static HandedSecrets read(Launch launch, MachineSpec spec, Clock clock) throws FcvmException, InterruptedException {
        return new HandedSecrets(
                spec,
                MachineSecrets.read(
                        launch.snapshot().isPresent() ? List.of() : spec.secrets(),
                        SecretStore.of(launch.settings(), clock)));
    }

    /**
     * Returns the order.
     *
     * @param plan for a machine that cannot read it itself; else an empty text
     * @param audience whose terminal's size is the container's
     */
    ContainerStart order(Launch launch, String plan, Audience audience) {
        return new ContainerStart(
                spec.id(),
                plan,
                Stream.concat(launch.environment().orElse(List.of()).stream(), secrets.variables().stream())
                        .toList(),
                secrets.files().stream().map(HandedSecrets::file).toList(),
                launch.environment().isEmpty(),
                spec.tty() ? Optional.of(audience.size()) : Optional.empty(),
                spec.logLimit());
    }

    private static SecretFile file(MachineSecrets.File secret) {
        WantedSecret wanted = secret.wanted();
        return new SecretFile(secret.number(), wanted.uid(), wanted.gid(), wanted.mode(), secret.content());
    }
}
