package dev.fcvm.machine.live;

import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.disk.MachineRootfs;
import dev.fcvm.machine.spec.MachineSpec;
import dev.fcvm.machine.store.Exchange;
import dev.fcvm.machine.store.MachineFiles;
import dev.fcvm.machine.warm.WarmSlots;
import dev.fcvm.plan.ContainerPlan;
import dev.fcvm.plan.Plan;
import dev.fcvm.plan.PlanException;
import dev.fcvm.plan.PlanJson;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.volume.AttachedMapping;
import dev.fcvm.volume.set.MachineMappings;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What follows from a machine's specification: what its monitor is told, and what its agent. */
final class Specs {

    private Specs() {}

    /**
     * Returns the plan for the agent.
     *
     * @param spare whether the machine has places for more disks than it has
     */
    static Plan plan(MachineSpec spec, RunNetwork network, MachineMappings mappings, boolean spare) {
        List<String> options = Stream.concat(spec.options().stream(), network.podmanOptions().stream())
                .toList();
        return new Plan(
                Plan.VERSION,
                spec.id(),
                spec.container(),
                spec.hostname(),
                spec.keep(),
                new ContainerPlan(spec.imageId(), options, spec.command(), spec.interactive()),
                network.plan(),
                spare ? mappings.plan(WarmSlots.places(mappings.disks()).orElseThrow()) : mappings.plan());
    }

    /** Returns the plan as it reaches the agent. */
    static String json(Plan plan) throws FcvmException {
        try {
            return PlanJson.write(plan);
        } catch (PlanException tooLarge) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE,
                    "the command line cannot be passed to the machine: " + tooLarge.getMessage(),
                    tooLarge);
        }
    }

    /** Returns a machine of a warm base that is nobody's yet, for its monitor: without an image and a network. */
    static VmSpec parked(Launch launch, MachineFiles files) throws FcvmException {
        Path placeholder = WarmSlots.placeholder(files);
        Path exchange = Exchange.prepare(files);
        WarmSlots.empty(files.lateStore());
        Base shared = launch.base();
        Path rootfs = MachineRootfs.link(shared.rootfs(), files.rootfs());
        return BootingMachine.spec(
                        new Base(shared.kernel(), shared.initramfs(), rootfs, shared.info()),
                        files,
                        launch.settings().init().word(),
                        launch.settings().kernelArguments(),
                        launch.resources(),
                        Stream.concat(
                                        Stream.of(new VmSpec.Drive(files.lateStore(), true, true)),
                                        WarmSlots.filled(List.of(), placeholder).stream())
                                .toList(),
                        "",
                        launch.isolation())
                .exchanging(exchange);
    }

    /** Returns the machine for its monitor, without a network. */
    static VmSpec vm(
            MachineSpec spec, Launch launch, MachineFiles files, List<AttachedMapping.Disk> mapped, String plan)
            throws FcvmException {
        Stream<VmSpec.Drive> more = launch.hasSpare()
                ? WarmSlots.filled(mapped, WarmSlots.placeholder(files)).stream()
                : mapped.stream().map(disk -> new VmSpec.Drive(disk.file(), disk.readOnly()));
        Base shared = launch.base();
        Path rootfs = MachineRootfs.link(shared.rootfs(), files.rootfs());
        VmSpec machine = BootingMachine.spec(
                        new Base(shared.kernel(), shared.initramfs(), rootfs, shared.info()),
                        files,
                        spec.init(),
                        spec.kernelArguments(),
                        launch.resources(),
                        Stream.concat(Stream.of(new VmSpec.Drive(Path.of(spec.storeDisk()), true)), more)
                                .toList(),
                        plan,
                        launch.isolation())
                .limited(spec.rates().limits());
        VmSpec placed = launch.hasSpare() ? machine.withSpareCard() : machine;
        return launch.vmm().capabilities().snapshots() ? placed.exchanging(Exchange.prepare(files)) : placed;
    }
}
