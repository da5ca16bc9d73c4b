package dev.fcvm.machine.live;

import dev.fcvm.agent.AgentSession;
import dev.fcvm.error.FcvmException;
import dev.fcvm.host.Pending;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.link.LinkOptions;
import dev.fcvm.link.Links;
import dev.fcvm.machine.session.Audience;
import dev.fcvm.machine.session.Conversation;
import dev.fcvm.machine.session.Phase;
import dev.fcvm.machine.session.RunEvent;
import dev.fcvm.machine.session.RunListener;
import dev.fcvm.machine.spec.Resources;
import dev.fcvm.machine.store.MachineFiles;
import dev.fcvm.machine.store.Vmms;
import dev.fcvm.settings.Settings;
import dev.fcvm.vmm.RunningVm;
import dev.fcvm.vmm.VmSnapshot;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.Vmm;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.stream.Stream;

/** A machine from the start of its monitor to its agent's first word. Closing it ends the monitor. */
public final class BootingMachine implements AutoCloseable {

    private static final Duration PATIENCE_KVM = Duration.ofSeconds(30);
    private static final Duration PATIENCE_SOFTWARE = Duration.ofMinutes(2);

    private final Settings settings;
    private final RunningVm vm;
    private final boolean kvm;
    private final RunListener listener;
    private volatile boolean letGo;

    private BootingMachine(Settings settings, RunningVm vm, boolean kvm, RunListener listener) {
        this.settings = settings;
        this.vm = vm;
        this.kvm = kvm;
        this.listener = listener;
    }

    /**
     * Describes a machine of the base.
     *
     * @param init what is process 1: {@code tiny} or {@code systemd}
     * @param kernelArguments what the kernel is told besides
     * @param more the disks behind the base's own two
     * @param plan the plan as JSON
     */
    public static VmSpec spec(
            Base base,
            MachineFiles files,
            String init,
            List<String> kernelArguments,
            Resources resources,
            List<VmSpec.Drive> more,
            String plan,
            VmSpec.Isolation isolation) {
        return new VmSpec(
                files.id(),
                files.directory(),
                files.monitor(),
                base.kernel(),
                base.initramfs(),
                // The kernel need not try out its ciphers at each start: it is the same one each time (docs/kernel.md).
                Stream.concat(Stream.of("quiet", "cryptomgr.notests", "fcvm.init=" + init), kernelArguments.stream())
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
    public static BootingMachine start(Settings settings, Vmm vmm, VmSpec spec, Journal journal, RunListener listener)
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

    /** Starts a monitor with a machine that goes on from what was saved. It stands still. */
    static BootingMachine restore(
            Settings settings, Vmm vmm, VmSpec spec, VmSnapshot snapshot, Journal journal, RunListener listener)
            throws FcvmException, InterruptedException {
        RunningVm vm = vmm.restore(spec, journal, snapshot);
        try (Pending started = new Pending(vm::close)) {
            listener.reached(Phase.VMM_STARTED);
            vm.warnings().forEach(listener::note);
            started.handOver();
            return new BootingMachine(settings, vm, vmm.capabilities().hardware(), listener);
        }
    }

    /** Takes over a machine that runs, and whose supervisor is gone. */
    static BootingMachine adopt(Settings settings, Vmm vmm, RunningVm vm, RunListener listener) {
        return new BootingMachine(settings, vm, vmm.capabilities().hardware(), listener);
    }

    /** Leaves it, as it runs, to another process: closing it does not end it any more. */
    void letGo() {
        letGo = true;
    }

    /** Returns the machine. */
    RunningVm vm() {
        return vm;
    }

    /**
     * Waits until the agent is up. To be called once; what is returned is to be closed before the machine.
     *
     * @param container the name of the machine's container
     * @param events gets what happens to the machine from now on
     * @param audience who watches it
     */
    public Conversation awaitReady(String container, BlockingQueue<RunEvent> events, Audience audience)
            throws FcvmException, InterruptedException {
        Conversation conversation = talk(container, events, audience);
        try (Pending ready = new Pending(conversation::close)) {
            conversation.awaitReady(patience());
            listener.reached(Phase.AGENT_READY);
            ready.handOver();
            return conversation;
        } catch (FcvmException failure) {
            throw distrusted(settings, kvm, failure);
        }
    }

    /** The same, of an agent that is not waited for. */
    Conversation talk(String container, BlockingQueue<RunEvent> events, Audience audience) {
        watch(vm, events);
        AgentSession agent = AgentSession.open(
                Links.host(vm::dialAgent, LinkOptions.defaults()), event -> events.add(new RunEvent.FromAgent(event)));
        return new Conversation(container, events, agent, vm, audience);
    }

    /** Returns how long an agent may take to say its first word. */
    Duration patience() {
        return settings.bootTimeout().orElse(kvm ? PATIENCE_KVM : PATIENCE_SOFTWARE);
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
        if (letGo) {
            vm.letGo();
        } else {
            vm.close();
        }
    }
}
