package dev.fcvm.cli.shared;

import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.settings.Key;
import dev.fcvm.settings.Settings;
import dev.fcvm.settings.SettingsReader;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Flags that stand above the environment and {@code .env}. */
public final class SettingsFlags {

    @Option(
            names = "--mode",
            paramLabel = "MODE",
            description =
                    "Privileges of the machine: rootless, privileged or auto. Default: auto, which is privileged for"
                            + " root. [FCVM_MODE]")
    @Nullable String mode;

    @Option(
            names = "--vmm",
            paramLabel = "VMM",
            description =
                    "Virtual machine monitor: firecracker, qemu or auto. Default: auto, which is firecracker where"
                            + " KVM runs guests. [FCVM_VMM]")
    @Nullable String vmm;

    @Option(
            names = "--kvm",
            paramLabel = "KVM",
            description = "Use KVM: yes, no or auto. Default: auto, which tries it. [FCVM_KVM]")
    @Nullable String kvm;

    @Option(
            names = "--kernel",
            paramLabel = "FILE",
            description = "Boot this kernel, an ELF vmlinux, instead of the base's. [FCVM_KERNEL]")
    @Nullable String kernel;

    @Option(
            names = "--kernel-args",
            paramLabel = "ARGUMENTS",
            description = "Add these to the kernel's command line, separated by blanks. [FCVM_KERNEL_ARGS]")
    @Nullable String kernelArguments;

    @Option(
            names = "--no-limits",
            description = "Run the machine even where no cgroup can be had to limit its monitor by. [FCVM_NO_LIMITS]")
    boolean noLimits;

    @Option(
            names = "--warm-base",
            description = "Start from a snapshot of a booted machine, where there is one; make one where there is none."
                    + " The default. [FCVM_WARM_BASE]")
    boolean warm;

    @Option(names = "--cold", description = "Boot the machine: the same as FCVM_WARM_BASE=no.")
    boolean cold;

    @Option(
            names = "--disk-size",
            paramLabel = "SIZE",
            description =
                    "Size of the machine's own disk, such as 512m or 20g. It takes room on the host as the container"
                            + " fills it. Default: 4g, or what is free if that is less. [FCVM_DISK_SIZE]")
    @Nullable String diskSize;

    /** Returns flags of which only {@code --mode} may be given. */
    public static SettingsFlags inMode(@Nullable String mode) {
        var flags = new SettingsFlags();
        flags.mode = mode;
        return flags;
    }

    /** Reads the settings with these flags above all. */
    public Settings settings(CommandContext context) throws FcvmException {
        Map<Key, String> flags = new EnumMap<>(Key.class);
        put(flags, Key.MODE, mode);
        put(flags, Key.VMM, vmm);
        put(flags, Key.KVM, kvm);
        put(flags, Key.KERNEL, kernel);
        put(flags, Key.KERNEL_ARGUMENTS, kernelArguments);
        put(flags, Key.NO_LIMITS, noLimits ? "yes" : null);
        put(flags, Key.WARM_BASE, cold ? "no" : warm ? "yes" : null);
        put(flags, Key.DISK_SIZE, diskSize);
        return SettingsReader.read(flags, context.environment(), context.directory());
    }

    private static void put(Map<Key, String> flags, Key key, @Nullable String value) {
        if (value != null) {
            flags.put(key, value);
        }
    }
}
