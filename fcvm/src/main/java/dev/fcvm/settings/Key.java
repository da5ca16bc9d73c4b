package dev.fcvm.settings;

/** The settings a user may give, with the names they go by. */
public enum Key {
    /** The data directory. */
    DATA_DIRECTORY("FCVM_DATA_DIR", ""),
    /** Which privileges a machine is started with. */
    MODE("FCVM_MODE", "--mode"),
    /** Which virtual machine monitor. */
    VMM("FCVM_VMM", "--vmm"),
    /** Whether hardware virtualisation is used. */
    KVM("FCVM_KVM", "--kvm"),
    /** What is process 1 in the guest. */
    INIT("FCVM_INIT", "--init-system"),
    /** QEMU's program. */
    QEMU("FCVM_QEMU", ""),
    /** Firecracker's program. */
    FIRECRACKER("FIRECRACKER_BIN", ""),
    /** The network of a machine for which none is named. */
    NETWORK("FCVM_NETWORK", ""),
    /** Firecracker's jailer. */
    JAILER("FIRECRACKER_JAILER", ""),
    /** The users that privileged machines run as. */
    JAILER_UIDS("FCVM_JAILER_UIDS", ""),
    /** The addresses of privileged machines. */
    NETWORK_POOL("FCVM_NETWORK_POOL", ""),
    /** The IPv6 addresses of privileged machines. */
    NETWORK_POOL6("FCVM_NETWORK_POOL6", ""),
    /** The guest's kernel. */
    KERNEL("FCVM_KERNEL", "--kernel"),
    /** More arguments for the guest's kernel. */
    KERNEL_ARGUMENTS("FCVM_KERNEL_ARGS", "--kernel-args"),
    /** Whether a machine may be without limits where no cgroup can be had. */
    NO_LIMITS("FCVM_NO_LIMITS", "--no-limits"),
    /** The size of a machine's own disk. */
    DISK_SIZE("FCVM_DISK_SIZE", "--disk-size"),
    /** How much of the host's disk stays free. */
    DISK_FLOOR("FCVM_DISK_FLOOR", ""),
    /** How large an image may be. */
    IMAGE_MAX_SIZE("FCVM_IMAGE_MAX_SIZE", ""),
    /** How many files an image may have. */
    IMAGE_MAX_FILES("FCVM_IMAGE_MAX_FILES", ""),
    /** How long a machine may take until its agent answers. */
    BOOT_TIMEOUT("FCVM_BOOT_TIMEOUT", "");

    private final String variable;
    private final String flag;

    Key(String variable, String flag) {
        this.variable = variable;
        this.flag = flag;
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
