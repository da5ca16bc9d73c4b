package dev.fcvm.it.guest;

import dev.fcvm.agent.ContainerStart;
import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.host.process.Tool;
import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.Lane;
import dev.fcvm.it.harness.Place;
import dev.fcvm.it.harness.TestImages;
import dev.fcvm.link.LinkOptions;
import dev.fcvm.link.Links;
import dev.fcvm.link.message.TerminalSize;
import dev.fcvm.plan.ContainerPlan;
import dev.fcvm.plan.Plan;
import dev.fcvm.plan.PlanJson;
import dev.fcvm.vmm.RunningVm;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.Vmm;
import dev.fcvm.vmm.confine.ConfinementResources;
import dev.fcvm.vmm.firecracker.FirecrackerVmm;
import dev.fcvm.vmm.qemu.QemuVmm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A machine of the base with the test image's store disk, whose hosts come and go as the test wants. */
final class AgentMachine implements AutoCloseable {

    /** What hosts call its container. */
    static final String CONTAINER = "tested";

    private final RunningVm vm;
    private final String plan;

    private AgentMachine(RunningVm vm, String plan) {
        this.vm = vm;
        this.plan = plan;
    }

    /** The disks of a machine that may be booted several times. */
    record Disks(Path scratch, Path store, String image) {

        /** Makes them; the image is fetched by fcvm itself. */
        static Disks make(Fcvm fcvm, Archives archives, Place place) throws IOException {
            fcvm.run("pull", "--quiet", "oci-archive:" + archives.ociArchive(TestImages.plain()))
                    .expect(0);
            Path store;
            try (Stream<Path> stores = Files.list(fcvm.data().resolve("store"))) {
                store = stores.filter(entry -> Files.exists(entry.resolve("disk.ext4")))
                        .findFirst()
                        .orElseThrow();
            }
            Path scratch = place.root().resolve("scratch.ext4");
            Child.of(
                            "sh",
                            "-c",
                            "PATH=$PATH:/sbin:/usr/sbin; exec mke2fs -q -t ext4 -b 4096 -m 0 \"$0\" 2G",
                            scratch.toString())
                    .run()
                    .expect(0);
            return new Disks(
                    scratch, store.resolve("disk.ext4"), store.getFileName().toString());
        }
    }

    /** Boots one whose container runs this command of the shell, with an input. */
    static AgentMachine boot(Place place, Disks disks, String command) throws Exception {
        MachineId id = MachineId.random();
        String plan = PlanJson.write(new Plan(
                Plan.VERSION,
                id.value(),
                "otter",
                "otter",
                true,
                new ContainerPlan(disks.image(), List.of("--name=otter"), List.of("/bin/sh", "-c", command), true)));
        var spec = new VmSpec(
                id,
                place.directory(id.value()),
                place.directory(id.brief()),
                Lane.current().kernel().orElse(Fcvm.base().resolve("vmlinux")),
                Fcvm.base().resolve("initramfs.img"),
                List.of("quiet", "cryptomgr.notests", "fcvm.init=tiny"),
                1,
                512,
                List.of(
                        new VmSpec.Drive(Fcvm.base().resolve("rootfs.ext4"), true),
                        new VmSpec.Drive(disks.scratch(), false),
                        new VmSpec.Drive(disks.store(), true)),
                plan,
                VmSpec.Isolation.ROOTLESS);
        RunningVm vm = vmm().boot(
                        spec,
                        Journal.open(place.directory("journals").resolve(id.value()), ConfinementResources.kinds()));
        return new AgentMachine(vm, vm.hasPlan() ? "" : plan);
    }

    private static Vmm vmm() throws Exception {
        return Lane.current().isFirecracker()
                ? new FirecrackerVmm(Lane.current().firecracker().orElseThrow())
                : QemuVmm.inSoftware(Tool.named("qemu-system-x86_64", "qemu-system-x86")
                        .find()
                        .orElseThrow());
    }

    /** Returns a new session with its agent, which is ready. */
    AgentHost host() throws InterruptedException {
        return new AgentHost(Links.host(vm::dialAgent, LinkOptions.defaults()));
    }

    /** Returns what has its container started. */
    ContainerStart start(boolean again, Optional<TerminalSize> terminal) {
        return new ContainerStart(
                CONTAINER, plan, List.of("SAID=here"), List.of(), again, terminal, ContainerStart.OUTPUT_LIMIT);
    }

    /** Has it write its disks back and end. */
    void shutDown(AgentHost host) throws InterruptedException {
        host.session().shutdown(true);
        if (vm.awaitExit(Duration.ofSeconds(60)).isEmpty()) {
            throw new AssertionError("the machine did not end within a minute");
        }
    }

    @Override
    public void close() throws FcvmException {
        vm.close();
    }
}
