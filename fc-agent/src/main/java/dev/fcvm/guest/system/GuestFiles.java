package dev.fcvm.guest.system;

import dev.fcvm.plan.GuestSecrets;
import java.nio.file.Path;

/**
 * Where the agent finds things. There is one place in a guest; a training run and the tests bring their own.
 *
 * @param virtioPorts where the kernel lists the ports of virtio-serial devices
 * @param virtioDevices where the kernel lists all virtio devices
 * @param devices the directory of device nodes
 * @param plan the plan as QEMU's firmware interface shows it, if this machine has one
 * @param commandLine the kernel's arguments
 * @param networks where the kernel lists network cards
 * @param hostname writing here sets the host name
 * @param hosts the table of host names, from which Podman makes the container's
 * @param uptime the kernel's uptime, in seconds
 * @param processes the kernel's list of processes
 * @param sysrq writing here commands the kernel
 * @param state a directory of the agent's own, gone with the boot
 * @param outputs a directory on the scratch disk for what containers write and no host takes
 * @param exits where conmon leaves a container's exit code
 * @param podman the program that runs containers
 * @param busybox the program that lends small tools
 */
public record GuestFiles(
        Path virtioPorts,
        Path virtioDevices,
        Path devices,
        Path plan,
        Path commandLine,
        Path networks,
        Path hostname,
        Path hosts,
        Path uptime,
        Path processes,
        Path sysrq,
        Path state,
        Path outputs,
        Path exits,
        String podman,
        String busybox) {

    public static GuestFiles ofGuest() {
        return new GuestFiles(
                Path.of("/sys/class/virtio-ports"),
                Path.of("/sys/bus/virtio/devices"),
                Path.of("/dev"),
                Path.of("/sys/firmware/qemu_fw_cfg/by_name/opt/dev.fcvm/plan/raw"),
                Path.of("/proc/cmdline"),
                Path.of("/sys/class/net"),
                Path.of("/proc/sys/kernel/hostname"),
                Path.of("/etc/hosts"),
                Path.of("/proc/uptime"),
                Path.of("/proc"),
                Path.of("/proc/sysrq-trigger"),
                Path.of("/run/fcvm/agent"),
                Path.of("/run/fcvm/scratch/outputs"),
                Path.of("/run/libpod/exits"),
                "/usr/bin/podman",
                "/usr/lib/fcvm/busybox");
    }

    /** The program that mounts what a host serves by SFTP. */
    public String sshfs() {
        return Path.of(podman).resolveSibling("sshfs").toString();
    }

    /** The program that loads drivers. */
    String modprobe() {
        return Path.of(podman).resolve("../../sbin/modprobe").normalize().toString();
    }

    /** Where each mapping is mounted, in a directory with its number. */
    public Path mappings() {
        return state.resolveSibling("mappings");
    }

    /** Where secrets are, in memory: a file each, with its number. */
    public Path secrets() {
        return state.resolveSibling(GuestSecrets.NAME);
    }

    /** Where Podman keeps what is in its volumes. */
    public Path volumes() {
        return Path.of("/var/lib/containers/storage/volumes");
    }

    /** Where the image's store disk is mounted. */
    public Path store() {
        return state.resolveSibling("store");
    }

    /** Where the kernel lists disks. */
    public Path blocks() {
        return networks.resolveSibling("block");
    }

    /** The kernel's table of what is mounted. */
    public Path mounted() {
        return processes.resolve("mounts");
    }

    /** The machine's id, machine-id(5). */
    public Path machineId() {
        return hosts.resolveSibling("machine-id");
    }

    /** What a container sees of which machine this is. */
    public Path session() {
        return state.resolveSibling("session");
    }

    /** What names are asked of, from which Podman makes the container's. */
    public Path resolver() {
        return hosts.resolveSibling("resolv.conf");
    }

    /** The kernel's settings. */
    public Path sysctls() {
        return processes.resolve("sys");
    }

    /** The tree of cgroups. */
    public Path groups() {
        return networks.resolve("../../fs/cgroup").normalize();
    }

    /** Where Podman keeps, for each container, what its health checks found. */
    public Path healthRecords() {
        return exits.resolve("../../containers/storage/overlay-containers").normalize();
    }

    /** Written by conmon: the process id of the container's first process. */
    public Path containerPid() {
        return state.resolve("container.pid");
    }

    /** Written by Podman: the process id of conmon, which leads a session of its own. */
    public Path conmonPid() {
        return state.resolve("conmon.pid");
    }

    /** There once a container has been started in this boot, by whichever agent process. */
    public Path started() {
        return state.resolve("started");
    }
}
