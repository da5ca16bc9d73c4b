package dev.fcvm.vmm.firecracker;

import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.confine.Jail;
import dev.fcvm.vmm.confine.Tap;
import dev.fcvm.vmm.firecracker.api.Action;
import dev.fcvm.vmm.firecracker.api.ApiCall;
import dev.fcvm.vmm.firecracker.api.BootSource;
import dev.fcvm.vmm.firecracker.api.Drive;
import dev.fcvm.vmm.firecracker.api.MachineConfig;
import dev.fcvm.vmm.firecracker.api.MemorySize;
import dev.fcvm.vmm.firecracker.api.Mmds;
import dev.fcvm.vmm.firecracker.api.MmdsConfig;
import dev.fcvm.vmm.firecracker.api.NetworkInterface;
import dev.fcvm.vmm.firecracker.api.RateLimiter;
import dev.fcvm.vmm.firecracker.api.SnapshotLoad;
import dev.fcvm.vmm.firecracker.api.Vsock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** How the machine of a specification is put into Firecracker's words. */
final class BootCalls {

    /** The first a guest may have; it is the machine's own, so all machines have the same. */
    private static final int GUEST_CID = 3;

    /** The card's id, for Firecracker alone: the guest knows it by its hardware address. */
    private static final String CARD = "eth0";

    private BootCalls() {}

    /**
     * Returns the calls that boot a machine, in order.
     *
     * @param vsock where Firecracker makes the socket to the guest
     * @param tap whether there is a tap; the machine has a card then, whether it has a network or not
     * @param metadata whether the guest gets the plan by the metadata service, which needs a tap
     */
    static List<ApiCall> of(VmSpec spec, String vsock, boolean tap, boolean metadata) {
        List<ApiCall> calls = new ArrayList<>();
        MachineConfig config = MachineConfig.of(spec.vcpus(), MemorySize.ofMebibytes(spec.memoryMib()));
        calls.add(spec.tracked() ? config.trackingDirtyPages() : config);
        calls.add(new BootSource(
                spec.kernel().toString(),
                Optional.of(spec.initramfs().toString()),
                Optional.of(String.join(" ", bootArguments(spec, metadata)))));
        for (int index = 0; index < spec.drives().size(); index++) {
            VmSpec.Drive drive = spec.drives().get(index);
            Drive disk = Drive.of(driveId(index), drive.file().toString(), drive.readOnly());
            calls.add(Limiters.ofDisk(spec.limits()).map(disk::limited).orElse(disk));
        }
        if (tap) {
            calls.add(new NetworkInterface(
                    CARD,
                    Tap.NAME,
                    Optional.of(Tap.GUEST_MAC),
                    OptionalInt.empty(),
                    Limiters.ofCard(spec.limits()),
                    Limiters.ofCard(spec.limits())));
        }
        if (metadata) {
            calls.add(MmdsConfig.on(CARD));
            calls.add(new Mmds.Contents("{\"fcvm\":{\"plan\":" + spec.plan() + "}}"));
        }
        calls.add(new Vsock(GUEST_CID, vsock));
        calls.add(Action.START);
        return calls;
    }

    /**
     * Returns the calls that make a paused machine of a snapshot and give it the specification's disks and limits, in
     * order. Where the specification has no limits, those of the snapshot stay.
     */
    static List<ApiCall> restoring(VmSpec spec, SnapshotLoad load) {
        List<ApiCall> calls = new ArrayList<>();
        calls.add(load);
        for (int index = 0; index < spec.drives().size(); index++) {
            calls.add(new Drive.Update(
                    driveId(index),
                    Optional.of(spec.drives().get(index).file().toString()),
                    Limiters.ofDisk(spec.limits())));
        }
        Optional<RateLimiter> card = Limiters.ofCard(spec.limits());
        if (card.isPresent() && spec.network().isPresent()) {
            calls.add(new NetworkInterface.Update(CARD, card, card));
        }
        return calls;
    }

    /** Returns the call that opens a disk's file anew, under the name it has in every jail. */
    static ApiCall reopening(int disk) {
        return new Drive.Update(driveId(disk), Optional.of(Jail.disk(disk).toString()), Optional.empty());
    }

    /** Returns the id of a disk by its place in the specification. */
    private static String driveId(int index) {
        return "disk" + index;
    }

    private static List<String> bootArguments(VmSpec spec, boolean metadata) {
        // A reset by the keyboard controller is the one end Firecracker knows. It has no PS/2 devices to look for.
        List<String> arguments = new ArrayList<>(
                List.of("console=ttyS0", "reboot=k", "panic=-1", "i8042.noaux", "i8042.nomux", "i8042.dumbkbd"));
        if (metadata) {
            arguments.add("fcvm.plan=mmds");
        }
        arguments.addAll(spec.bootArguments());
        return arguments;
    }
}
