package dev.fcvm.settings;

import dev.fcvm.host.UserRange;
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
 * @param bootTimeout how long a machine may take until its agent answers, where it is not the default
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
        Optional<Duration> bootTimeout,
        Optional<Path> home) {

    public Settings {
        kernelArguments = List.copyOf(kernelArguments);
    }

    /** Returns the directory of the distribution's scripts; one that is not there when the root is not known. */
    public Path scripts() {
        return home.orElse(Path.of("/nonexistent")).resolve("scripts");
    }
}
