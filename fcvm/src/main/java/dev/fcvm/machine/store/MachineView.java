package dev.fcvm.machine.store;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import dev.fcvm.machine.spec.MachineSpec;
import dev.fcvm.net.LiveUplink;
import dev.fcvm.net.flags.PublishedPort;
import io.avaje.jsonb.Json;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * A machine as it is shown to the user.
 *
 * @param id its id, 32 hexadecimal digits
 * @param name its name
 * @param image the image as the user named it
 * @param digest the digest of the image's manifest
 * @param command the container's command; empty for the image's own
 * @param created when it was made, ISO 8601
 * @param state preparing, booting, running, paused, suspended, exited, failed, or abandoned when its supervisor is gone
 *     and it may run still
 * @param exitCode the container's exit code when exited, else 0
 * @param reason why it failed, is paused or was not woken, or "out of memory" when that ended a process of the container,
 *     else empty
 * @param since since when it has been in this state, ISO 8601
 * @param started since when its container runs, or ran last, ISO 8601; empty when it never did, or that is not known
 * @param vmm qemu or firecracker
 * @param imageId the image's id
 * @param ports what is published, as {@code podman ps} writes it
 * @param network the network that joins it with other machines, or an empty text
 * @param remove whether it goes with its container's end
 * @param labels {@code NAME=VALUE}
 * @param health of its container: starting, healthy or unhealthy; empty when it is not checked or does not run
 */
@Json
public record MachineView(
        String id,
        String name,
        String image,
        String digest,
        List<String> command,
        String created,
        String state,
        int exitCode,
        String reason,
        String since,
        String started,
        String vmm,
        String imageId,
        List<String> ports,
        String network,
        boolean remove,
        List<String> labels,
        String health) {

    private static final String ABANDONED = "abandoned";

    public MachineView {
        command = List.copyOf(command);
        ports = List.copyOf(ports);
        labels = List.copyOf(labels);
    }

    /** Returns a view of every machine, oldest first. */
    public static List<MachineView> all(MachineStore store, Clock clock) throws FcvmException, InterruptedException {
        return all(store, clock, _ -> false);
    }

    /**
     * The same.
     *
     * @param held whether a machine is supervised by this process, and so need not be looked for
     */
    public static List<MachineView> all(MachineStore store, Clock clock, Predicate<MachineId> held)
            throws FcvmException, InterruptedException {
        var sweep = new Sweep(store, clock, held);
        var views = new ArrayList<MachineView>();
        for (StoredMachine machine : store.list()) {
            // One that can be taken over runs as it did.
            boolean abandoned = machine.state() instanceof MachineState.Live
                    && !held.test(machine.files().id())
                    && !Adoption.isPossible(machine)
                    && !sweep.isOwned(machine);
            views.add(of(machine, abandoned));
        }
        return views;
    }

    private static MachineView of(StoredMachine machine, boolean abandoned) {
        StateDocument state = StateDocument.of(machine.state());
        return new MachineView(
                machine.files().id().value(),
                machine.name().value(),
                machine.spec().map(MachineSpec::image).orElse(""),
                machine.spec().map(MachineSpec::imageDigest).orElse(""),
                machine.spec().map(MachineSpec::command).orElse(List.of()),
                machine.created(),
                abandoned ? ABANDONED : state.state(),
                state.exitCode(),
                state.reason(),
                state.since(),
                MachineReport.started(machine.state()).map(Instant::toString).orElse(""),
                machine.spec().map(MachineSpec::vmm).orElse(""),
                machine.spec().map(MachineSpec::imageId).orElse(""),
                ports(machine),
                machine.spec().map(spec -> spec.network().network()).orElse(""),
                machine.spec().map(spec -> !spec.keep()).orElse(false),
                machine.spec().map(MachineSpec::labels).orElse(List.of()),
                machine.state() instanceof MachineState.Up && !abandoned
                        ? machine.health().status()
                        : "");
    }

    /** Returns whether it runs, or has something that does: its ports are open then, whoever supervises it. */
    public boolean live() {
        return switch (state) {
            case "preparing", "booting", "running", "paused", ABANDONED -> true;
            default -> false;
        };
    }

    /** Returns whether nobody supervises it, although it has not ended. */
    public boolean isAbandoned() {
        return state.equals(ABANDONED);
    }

    /**
     * As they are written down: a list must not wait for anybody, and not fail for one machine. Those of one that is
     * suspended are held open, to wake it.
     */
    private static List<String> ports(StoredMachine machine) {
        if (!(machine.state() instanceof MachineState.Up || machine.state() instanceof MachineState.Suspended)) {
            return List.of();
        }
        try {
            return LiveUplink.recorded(machine.files().directory()).stream()
                    .map(PublishedPort::listed)
                    .toList();
        } catch (FcvmException damaged) {
            return List.of("?");
        }
    }

    /** Returns whether a process was killed because memory ran out. */
    public boolean outOfMemory() {
        return reason.equals(StateDocument.OUT_OF_MEMORY);
    }
}
