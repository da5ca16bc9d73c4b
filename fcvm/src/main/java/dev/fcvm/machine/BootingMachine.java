package dev.fcvm.machine;

import dev.fcvm.agent.AgentClient;
import dev.fcvm.error.FcvmException;
import dev.fcvm.host.Pending;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.link.LinkOptions;
import dev.fcvm.link.Links;
import dev.fcvm.settings.InitSystem;
import dev.fcvm.settings.Settings;
import dev.fcvm.vmm.RunningVm;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.Vmm;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;

/** A machine from the start of its monitor to its agent's first word. Closing it ends the monitor. */
final class BootingMachine implements AutoCloseable {

    private static final Duration PATIENCE_KVM = Duration.ofSeconds(30);
    private static final Duration PATIENCE_SOFTWARE = Duration.ofMinutes(2);

    private final Settings settings;
    private final RunningVm vm;
    private final boolean kvm;
    private final RunListener listener;
    private final BlockingQueue<RunEvent> events = new LinkedBlockingQueue<>();

    private BootingMachine(Settings settings, RunningVm vm, boolean kvm, RunListener listener) {
        this.settings = settings;
        this.vm = vm;
        this.kvm = kvm;
        this.listener = listener;
    }

    /**
     * Describes a machine of the base, with the kernel's arguments that the settings ask for.
     *
     * @param more the disks behind the base's own two
     * @param plan the plan as JSON
     */
    static VmSpec spec(
            Settings settings,
            Base base,
            MachineFiles files,
            Resources resources,
            List<VmSpec.Drive> more,
            String plan,
            VmSpec.Isolation isolation) {
        String init = settings.init() == InitSystem.SYSTEMD ? "systemd" : "tiny";
        return new VmSpec(
                files.id(),
                files.directory(),
                files.monitor(),
                base.kernel(),
                base.initramfs(),
                // The kernel need not try out its ciphers at each start: it is the same one each time (docs/kernel.md).
                Stream.concat(
                                Stream.of("quiet", "cryptomgr.notests", "fcvm.init=" + init),
                                settings.kernelArguments().stream())
                        .toList(),
                resources.vcpus(),
                resources.memoryMib(),
                Stream.concat(
                                Stream.of(
                                        new VmSpec.Drive(base.rootfs(), true),
                                        new VmSpec.Drive(files.scratch(), false)),
                                more.stream())
                        .toList(),
                plan,
                isolation);
    }

    /** Starts the monitor. */
    static BootingMachine start(Settings settings, Vmm vmm, VmSpec spec, Journal journal, RunListener listener)
            throws FcvmException, InterruptedException {
        boolean kvm = vmm.capabilities().hardware();
        try {
            RunningVm vm = vmm.boot(spec, journal);
            try (Pending started = new Pending(vm::close)) {
                listener.reached(Phase.VMM_STARTED);
                vm.warnings().forEach(listener::note);
                started.handOver();
                return new BootingMachine(settings, vm, kvm, listener);
            }
        } catch (FcvmException failure) {
            throw distrusted(settings, kvm, failure);
        }
    }

    /** Returns the machine. */
    RunningVm vm() {
        return vm;
    }

    /** Waits until the agent is up. To be called once; what is returned is to be closed before the machine. */
    Conversation awaitReady(Stdio stdio) throws FcvmException, InterruptedException {
        watch(vm, events);
        AgentClient agent = AgentClient.listen(
                Links.host(vm::dialAgent, LinkOptions.defaults()), event -> events.add(new RunEvent.FromAgent(event)));
        Conversation conversation = new Conversation(events, agent, vm, stdio, listener);
        try (Pending ready = new Pending(conversation::close)) {
            conversation.awaitReady(settings.bootTimeout().orElse(kvm ? PATIENCE_KVM : PATIENCE_SOFTWARE));
            listener.reached(Phase.AGENT_READY);
            ready.handOver();
            return conversation;
        } catch (FcvmException failure) {
            throw distrusted(settings, kvm, failure);
        }
    }

    /**
     * Whatever made a machine on KVM fail before its agent spoke, the next one does not rely on what was found of KVM
     * before: asking again takes no longer than a few of its instructions.
     */
    private static FcvmException distrusted(Settings settings, boolean kvm, FcvmException failure) {
        if (kvm) {
            try {
                Vmms.distrustKvm(settings);
            } catch (FcvmException besides) {
                failure.addSuppressed(besides);
            }
        }
        return failure;
    }

    private static void watch(RunningVm vm, BlockingQueue<RunEvent> events) {
        Thread.ofVirtual().name("machine-watch").start(() -> {
            try {
                vm.awaitExit(Duration.ofDays(36_500)).ifPresent(exit -> events.add(new RunEvent.MachineEnded(exit)));
            } catch (InterruptedException never) {
                // Nobody interrupts this thread; if somebody did, nobody would wait for the event either.
                events.clear();
            }
        });
    }

    @Override
    public void close() throws FcvmException {
        vm.close();
    }
}
