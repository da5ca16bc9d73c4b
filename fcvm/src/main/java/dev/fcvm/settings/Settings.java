package dev.fcvm.settings;

import dev.fcvm.host.user.UserRange;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the user has set, from flags, environment, {@code .env} and defaults, in this order of precedence.
 *
 * @param directories where things are kept
 * @param mode with which privileges machines are started
 * @param vmm which monitor runs them
 * @param kvm whether hardware virtualisation is used
 * @param init what is process 1 in the guest
 * @param qemu QEMU's program, where the user named it
 * @param firecracker Firecracker's program, where the user named it
 * @param jailer Firecracker's jailer, where the user named it
 * @param jailerUids the users privileged machines run as, where it is not the default
 * @param network which network a machine gets that is asked for none in particular
 * @param networkPool the addresses of machines with a privileged uplink
 * @param networkPool6 their IPv6 addresses
 * @param kernel the guest's kernel, where it is not the base's
 * @param kernelArguments what is added to the command line of the guest's kernel
 * @param noLimits whether a machine may be without limits where no cgroup can be had
 * @param warmBase whether machines start from a snapshot of one that is booted, where the monitor can
 * @param diskSize the size of a machine's own disk, where the user named one
 * @param diskFloor how much stays free of a disk that machines and images lie on
 * @param imageMaxSize how large an image may be, packed and unpacked
 * @param imageMaxFiles how many files an image may have
 * @param bootTimeout how long a machine may take until its agent answers, where it is not the default
 * @param supervisor whether commands may run in the supervisor
 * @param supervisorIdle how long the supervisor stays with nothing to do
 * @param home the root of the distribution, with its {@code scripts} directory, when the launcher named it
 */
public record Settings(
        Directories directories,
        Mode mode,
        VmmKind vmm,
        KvmUse kvm,
        InitSystem init,
        Optional<Path> qemu,
        Optional<Path> firecracker,
        Optional<Path> jailer,
        Optional<UserRange> jailerUids,
        NetworkKind network,
        NetworkPool networkPool,
        NetworkPool6 networkPool6,
        Optional<Path> kernel,
        List<String> kernelArguments,
        boolean noLimits,
        boolean warmBase,
        Optional<DataSize> diskSize,
        DataSize diskFloor,
        DataSize imageMaxSize,
        long imageMaxFiles,
        Optional<Duration> bootTimeout,
        boolean supervisor,
        Duration supervisorIdle,
        Optional<Path> home) {

    /** What stays free by default: more than all writers of a host write between two looks of a run at it. */
    public static final DataSize STANDARD_FLOOR = new DataSize(1L << 30);

    /** As large as a store disk can be. */
    public static final DataSize LARGEST_IMAGE = new DataSize(64L << 30);

    /** Far above what images have. */
    public static final long MOST_IMAGE_FILES = 4_000_000;

    /** How long the supervisor stays with nothing to do by default. */
    public static final Duration STANDARD_IDLE = Duration.ofMinutes(10);

    public Settings {
        kernelArguments = List.copyOf(kernelArguments);
    }

    /** Returns the directory of the distribution's scripts; one that is not there when the root is not known. */
    public Path scripts() {
        return home.orElse(Path.of("/nonexistent")).resolve("scripts");
    }

    /**
     * Returns the same for a machine that was made before.
     *
     * @param monitor what it runs in
     * @param own the kernel it was made for; empty for the base's
     */
    public Settings booting(VmmKind monitor, Optional<Path> own) {
        return with(monitor, own, bootTimeout);
    }

    /** Returns the same for a machine whose agent may take at least so long to answer. */
    public Settings bootingWithin(Duration time) {
        return with(
                vmm,
                kernel,
                Optional.of(bootTimeout.filter(own -> own.compareTo(time) > 0).orElse(time)));
    }

    /** Returns the same for machines with these privileges. */
    public Settings inMode(Mode other) {
        return with(other, vmm, kernel, bootTimeout);
    }

    /**
     * Returns the same for machines of this make.
     *
     * @param own the guest's kernel; empty for the base's
     * @param arguments what is added to its command line
     * @param process1 what is process 1
     * @param disk the size of a machine's disk, where it was named
     */
    public Settings making(Optional<Path> own, List<String> arguments, InitSystem process1, Optional<DataSize> disk) {
        return new Settings(
                directories,
                mode,
                vmm,
                kvm,
                process1,
                qemu,
                firecracker,
                jailer,
                jailerUids,
                network,
                networkPool,
                networkPool6,
                own,
                arguments,
                noLimits,
                warmBase,
                disk,
                diskFloor,
                imageMaxSize,
                imageMaxFiles,
                bootTimeout,
                supervisor,
                supervisorIdle,
                home);
    }

    private Settings with(VmmKind monitor, Optional<Path> own, Optional<Duration> booted) {
        return with(mode, monitor, own, booted);
    }

    private Settings with(Mode other, VmmKind monitor, Optional<Path> own, Optional<Duration> booted) {
        return new Settings(
                directories,
                other,
                monitor,
                kvm,
                init,
                qemu,
                firecracker,
                jailer,
                jailerUids,
                network,
                networkPool,
                networkPool6,
                own,
                kernelArguments,
                noLimits,
                warmBase,
                diskSize,
                diskFloor,
                imageMaxSize,
                imageMaxFiles,
                booted,
                supervisor,
                supervisorIdle,
                home);
    }
}
