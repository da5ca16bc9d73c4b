package dev.fcvm.machine.check;

import dev.fcvm.error.Besides;
import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.disk.DiskPlan;
import dev.fcvm.machine.disk.ScratchDisk;
import dev.fcvm.machine.live.Base;
import dev.fcvm.machine.live.BootingMachine;
import dev.fcvm.machine.live.HostCapacity;
import dev.fcvm.machine.live.Isolations;
import dev.fcvm.machine.session.Audience;
import dev.fcvm.machine.session.Conversation;
import dev.fcvm.machine.session.Phase;
import dev.fcvm.machine.session.RunListener;
import dev.fcvm.machine.spec.Resources;
import dev.fcvm.machine.store.MachineState;
import dev.fcvm.machine.store.MachineStore;
import dev.fcvm.machine.store.OwnedMachine;
import dev.fcvm.machine.store.Vmms;
import dev.fcvm.plan.ContainerPlan;
import dev.fcvm.plan.Plan;
import dev.fcvm.plan.PlanException;
import dev.fcvm.plan.PlanJson;
import dev.fcvm.settings.DataSize;
import dev.fcvm.settings.Settings;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.VmSpec.Isolation;
import dev.fcvm.vmm.Vmm;
import dev.fcvm.vmm.select.VmmChoice;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Boots a real machine on each monitor that could run here, as {@code fcvm run} boots it, but for an image and a network:
 * to the agent's first word, and no further. Nothing of it stays.
 */
final class BootTrial {

    private final Settings settings;
    private final Clock clock;

    BootTrial(Settings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
    }

    /**
     * Tries each in turn, and first the one that a run would choose; only that one's failure keeps machines from running.
     *
     * @throws InterruptedException when the user will not wait; nothing is left of the machine either
     */
    List<Check> all() throws InterruptedException {
        try {
            Base base = Base.find(settings);
            Isolation isolation = Isolations.choose(settings.mode());
            List<Check> checks = new ArrayList<>();
            for (VmmChoice candidate : Vmms.candidates(settings)) {
                String status = checks.isEmpty() ? Check.MISSING : Check.WARN;
                checks.add(check(candidate.vmm(), base, isolation, status));
            }
            return checks;
        } catch (FcvmException refused) {
            return List.of(new Check("boot", "boot", Check.MISSING, "not tried: " + refused.getMessage(), ""));
        }
    }

    private Check check(Vmm vmm, Base base, Isolation isolation, String failed) throws InterruptedException {
        String id = "boot-" + vmm.name();
        String title = vmm.name() + " boot";
        String how = "%s%s, %s"
                .formatted(vmm.name(), acceleration(vmm), isolation.name().toLowerCase(Locale.ROOT));
        try {
            Duration took = boot(vmm, base, isolation);
            return new Check(
                    id,
                    title,
                    Check.OK,
                    "a machine booted in %s: its agent answered %s s after the start"
                            .formatted(how, String.format(Locale.ROOT, "%.2f", took.toMillis() / 1000.0)),
                    "");
        } catch (FcvmException failure) {
            List<String> lines = new ArrayList<>();
            lines.add("no machine boots in %s: %s".formatted(how, failure.getMessage()));
            lines.addAll(Besides.of(failure));
            return new Check(id, title, failed, String.join("\n", lines), "");
        }
    }

    private static String acceleration(Vmm vmm) {
        return vmm.capabilities().hardware() ? " with KVM" : " in software";
    }

    private Duration boot(Vmm vmm, Base base, Isolation isolation) throws FcvmException, InterruptedException {
        vmm.check(isolation);
        Resources resources = Resources.of(
                Optional.empty(),
                Optional.empty(),
                HostCapacity.ask(vmm.capabilities().hardware()));
        try (OwnedMachine machine = MachineStore.open(settings.directories()).create(Optional.empty())) {
            var preparing = new MachineState.Preparing(clock.instant());
            machine.write(preparing);
            DataSize size = DiskPlan.choose(
                    settings.diskSize(),
                    settings.diskFloor(),
                    settings.directories().machines());
            ScratchDisk.make(machine.files().scratch(), size, machine.files().id(), false);
            VmSpec spec = BootingMachine.spec(
                    base,
                    machine.files(),
                    settings.init().word(),
                    settings.kernelArguments(),
                    resources,
                    List.of(),
                    plan(machine),
                    isolation);
            machine.write(preparing.booting(clock.instant()));
            long start = System.nanoTime();
            try (BootingMachine booted = BootingMachine.start(settings, vmm, spec, machine.journal(), new Silence());
                    Conversation _ = booted.awaitReady(
                            machine.files().id().value(), new LinkedBlockingQueue<>(), new Audience(new Silence()))) {
                return Duration.ofNanos(System.nanoTime() - start);
            }
        }
    }

    /** One that the agent can read. Its container is never run: nobody says so to the agent, and there is no image. */
    private static String plan(OwnedMachine machine) throws FcvmException {
        try {
            return PlanJson.write(new Plan(
                    Plan.VERSION,
                    machine.files().id().value(),
                    machine.name().value(),
                    machine.files().id().brief(),
                    false,
                    new ContainerPlan("none", List.of(), List.of(), false)));
        } catch (PlanException never) {
            throw new FcvmException(FcvmException.Kind.HOST, "cannot write a plan: " + never.getMessage(), never);
        }
    }

    /** What a trial has to say is in its outcome. */
    private static final class Silence implements RunListener {
        @Override
        public void reached(Phase phase) {}

        @Override
        public void note(String line) {}

        @Override
        public void warn(String line) {}
    }
}
