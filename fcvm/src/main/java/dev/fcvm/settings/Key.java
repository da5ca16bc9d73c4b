package dev.fcvm.settings;

import java.util.Locale;

/** The settings a user may give, with the names they go by. */
public enum Key {
    /** The data directory. */
    DATA_DIRECTORY(
            "FCVM_DATA_DIR",
            "",
            "ABSOLUTE DIRECTORY",
            "$XDG_DATA_HOME/fcvm, else ~/.local/share/fcvm",
            "Where the base, the images and the machines are kept."),
    /** Which privileges a machine is started with. */
    MODE(
            "FCVM_MODE",
            "--mode",
            "rootless|privileged|auto",
            "auto",
            "Privileges of machines; auto is privileged for root."),
    /** Which virtual machine monitor. */
    VMM(
            "FCVM_VMM",
            "--vmm",
            "firecracker|qemu|auto",
            "auto",
            "Virtual machine monitor; auto is firecracker where KVM runs guests."),
    /** Whether hardware virtualisation is used. */
    KVM(
            "FCVM_KVM",
            "--kvm",
            "yes|no|auto",
            "auto",
            "Whether KVM is used; yes believes you that it runs guests, auto tries it."),
    /** What is process 1 in the guest. */
    INIT("FCVM_INIT", "--init-system", "tiny|systemd", "tiny", "What is process 1 in the guest."),
    /** QEMU's program. */
    QEMU("FCVM_QEMU", "", "PROGRAM", "qemu-system-x86_64 on the PATH", "QEMU."),
    /** Firecracker's program. */
    FIRECRACKER(
            "FIRECRACKER_BIN",
            "",
            "PROGRAM",
            "what fcvm init has fetched, else firecracker on the PATH",
            "Firecracker."),
    /** The network of a machine for which none is named. */
    NETWORK(
            "FCVM_NETWORK",
            "",
            "default|none",
            "default",
            "The network of a machine for which --network says nothing."),
    /** Firecracker's jailer. */
    JAILER(
            "FIRECRACKER_JAILER",
            "",
            "PROGRAM",
            "beside Firecracker",
            "Firecracker's jailer, which starts machines of root's."),
    /** The users that privileged machines run as. */
    JAILER_UIDS(
            "FCVM_JAILER_UIDS",
            "",
            "FIRST-LAST",
            "2000000000-2000065535",
            "Numbers of users, and groups, that machines of root's run as, one each."),
    /** The addresses of privileged machines. */
    NETWORK_POOL(
            "FCVM_NETWORK_POOL",
            "",
            "IPV4/PREFIX",
            "10.231.0.0/16",
            "IPv4 addresses for machines of root's, a /30 each."),
    /** The IPv6 addresses of privileged machines. */
    NETWORK_POOL6(
            "FCVM_NETWORK_POOL6", "", "IPV6/PREFIX", "fd5e:7a1c:93d2::/64", "IPv6 addresses for machines of root's."),
    /** The guest's kernel. */
    KERNEL("FCVM_KERNEL", "--kernel", "FILE", "the base's", "The guests' kernel, an ELF vmlinux."),
    /** More arguments for the guest's kernel. */
    KERNEL_ARGUMENTS(
            "FCVM_KERNEL_ARGS",
            "--kernel-args",
            "ARGUMENTS",
            "none",
            "More arguments for the kernel's command line, separated by blanks."),
    /** Whether a machine may be without limits where no cgroup can be had. */
    NO_LIMITS(
            "FCVM_NO_LIMITS",
            "--no-limits",
            "yes|no",
            "no",
            "Whether machines run where no cgroup can be had to limit their monitors by."),
    /** Whether machines start from a snapshot of one that is booted. */
    WARM_BASE(
            "FCVM_WARM_BASE",
            "--warm-base",
            "yes|no",
            "yes",
            "Whether new machines start from a snapshot of one that has booted, made when there is none."),
    /** The size of a machine's own disk. */
    DISK_SIZE(
            "FCVM_DISK_SIZE",
            "--disk-size",
            "SIZE",
            "4g, or what is free above the floor if that is less",
            "Size of a machine's own disk, which takes room on the host as the container fills it."),
    /** How much of the host's disk stays free. */
    DISK_FLOOR(
            "FCVM_DISK_FLOOR",
            "",
            "SIZE",
            "1g",
            "What stays free of the host's disk: machines are paused, and images refused, below it; 0 for no guard."),
    /** How large an image may be. */
    IMAGE_MAX_SIZE("FCVM_IMAGE_MAX_SIZE", "", "SIZE", "64g", "How large an image may be, fetched and unpacked."),
    /** How many files an image may have. */
    IMAGE_MAX_FILES("FCVM_IMAGE_MAX_FILES", "", "NUMBER", "4000000", "How many files an image may have."),
    /** How long a machine may take until its agent answers. */
    BOOT_TIMEOUT(
            "FCVM_BOOT_TIMEOUT",
            "",
            "TIME",
            "30s with KVM, 120s without",
            "How long a machine may take until its agent answers."),
    /** Whether commands run in the supervisor. */
    SUPERVISOR(
            "FCVM_SUPERVISOR",
            "",
            "auto|off",
            "auto",
            "Whether commands run in the supervisor, a process in the background; off runs each in its own process."),
    /** When the supervisor ends. */
    SUPERVISOR_IDLE(
            "FCVM_SUPERVISOR_IDLE",
            "",
            "TIME",
            "10m",
            "How long the supervisor stays when it has no machine and no command.");

    private final String variable;
    private final String flag;
    private final String label;
    private final String standard;
    private final String description;

    Key(String variable, String flag, String label, String standard, String description) {
        this.variable = variable;
        this.flag = flag;
        this.label = label;
        this.standard = standard;
        this.description = description;
    }

    /** Returns the name in a configuration file, such as {@code data-dir}. */
    public String word() {
        if (this == INIT) {
            return "init-system"; // init is a command, whose flags have their section
        }
        return variable.replaceFirst("^FCVM_", "").toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Returns what a value looks like: the words there are, with bars between them, or a name for it in capitals. */
    public String label() {
        return label;
    }

    /** Returns what holds where nothing is set, in words. */
    public String standard() {
        return standard;
    }

    /** Returns what it is for, in a sentence. */
    public String description() {
        return description;
    }

    /** Returns the name in the environment and in {@code .env}. */
    public String variable() {
        return variable;
    }

    /** Returns the flag, or an empty string where there is none. */
    public String flag() {
        return flag;
    }
}
