package dev.fcvm.vmm;

import dev.fcvm.host.MachineId;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a monitor needs to boot a machine. Paths are absolute.
 *
 * @param id the machine, for tagging processes and files
 * @param directory the machine's own directory (0700): the console log goes here, and what a monitor's confinement
 *     needs
 * @param socketDirectory a directory of the machine's own (0700) whose path is short enough for sockets: on the host
 *     those of what serves the machine, in the jail the monitor's own
 * @param kernel an ELF vmlinux
 * @param initramfs the initial file system for it
 * @param bootArguments kernel arguments common to all monitors; each monitor adds its own
 * @param vcpus number of virtual CPUs, at least 1
 * @param memoryMib the guest's memory in MiB
 * @param drives the disks, in the order the guest sees them: vda, vdb, …
 * @param plan the plan as JSON, for monitors that can hand it to the guest themselves
 * @param isolation how the monitor is separated from the host
 * @param network the machine's network; empty for none
 * @param limits what the machine may do in a second
 * @param exchange a directory of the host's that the monitor may write to, as {@value #EXCHANGE}, with snapshots for
 *     example; empty for none
 * @param tracked whether the monitor keeps account of what of the memory is written, where it can: to save the machine then
 *     costs what it has used, and to run it costs more
 * @param yielding whether it gives way to everything else on the host, where that can be had
 * @param spareCard whether it has a network card even without a network, where the user may make one: what goes on from it
 *     may be given a network
 */
public record VmSpec(
        MachineId id,
        Path directory,
        Path socketDirectory,
        Path kernel,
        Path initramfs,
        List<String> bootArguments,
        int vcpus,
        long memoryMib,
        List<Drive> drives,
        String plan,
        Isolation isolation,
        Optional<Network> network,
        RateLimits limits,
        Optional<Path> exchange,
        boolean tracked,
        boolean yielding,
        boolean spareCard) {

    /** What a monitor calls the directory it shares with the host. */
    public static final String EXCHANGE = "/exchange";

    public VmSpec {
        bootArguments = List.copyOf(bootArguments);
        drives = List.copyOf(drives);
    }

    /** One without a network and without limits. */
    public VmSpec(
            MachineId id,
            Path directory,
            Path socketDirectory,
            Path kernel,
            Path initramfs,
            List<String> bootArguments,
            int vcpus,
            long memoryMib,
            List<Drive> drives,
            String plan,
            Isolation isolation) {
        this(
                id,
                directory,
                socketDirectory,
                kernel,
                initramfs,
                bootArguments,
                vcpus,
                memoryMib,
                drives,
                plan,
                isolation,
                Optional.empty(),
                RateLimits.NONE,
                Optional.empty(),
                false,
                false,
                false);
    }

    /** Returns the same machine with a network. */
    public VmSpec with(Network joined) {
        return changed(Optional.of(joined), limits, exchange, tracked, yielding, spareCard);
    }

    /** Returns the same machine with these limits. */
    public VmSpec limited(RateLimits to) {
        return changed(network, to, exchange, tracked, yielding, spareCard);
    }

    /** Returns the same machine with a directory that its monitor may write to. */
    public VmSpec exchanging(Path directory) {
        return changed(network, limits, Optional.of(directory), tracked, yielding, spareCard);
    }

    /** Returns the same machine, of whose memory is known what is written. */
    public VmSpec tracking() {
        return changed(network, limits, exchange, true, yielding, spareCard);
    }

    /** Returns the same machine, for which nobody waits. */
    public VmSpec givingWay() {
        return changed(network, limits, exchange, tracked, true, spareCard);
    }

    /** Returns the same machine, which has a network card in any case. */
    public VmSpec withSpareCard() {
        return changed(network, limits, exchange, tracked, yielding, true);
    }

    private VmSpec changed(
            Optional<Network> joined,
            RateLimits to,
            Optional<Path> shared,
            boolean account,
            boolean gives,
            boolean card) {
        return new VmSpec(
                id,
                directory,
                socketDirectory,
                kernel,
                initramfs,
                bootArguments,
                vcpus,
                memoryMib,
                drives,
                plan,
                isolation,
                joined,
                to,
                shared,
                account,
                gives,
                card);
    }

    /**
     * What is done in the machine's network namespace before the monitor starts. The tap is the monitor's.
     *
     * @param mtu the largest packet of the tap and the guest's card, in bytes
     * @param links what is done beside making the tap, for {@code ip -batch}
     * @param rules what may pass, for {@code nft -f}; packets are forwarded once this is in force
     */
    public record Network(int mtu, String links, String rules) {}

    /**
     * A raw disk image.
     *
     * @param file where it is
     * @param readOnly whether nobody may write to it
     * @param later whether another file may be put in its place, which {@link RunningVm#reopen} opens: it is in the
     *     exchange then
     */
    public record Drive(Path file, boolean readOnly, boolean later) {

        /** One that stays. */
        public Drive(Path file, boolean readOnly) {
            this(file, readOnly, false);
        }
    }

    /** What separates the monitor from the host. */
    public enum Isolation {
        /** By what needs no privilege: a user namespace, and others in it. */
        ROOTLESS,
        /** By all root can do: a user of the machine's own, and Firecracker's jailer. */
        PRIVILEGED
    }
}
