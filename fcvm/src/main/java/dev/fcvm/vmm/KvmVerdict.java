package dev.fcvm.vmm;

/** What this host's KVM is good for. */
public sealed interface KvmVerdict {

    /** It runs guests at the processor's speed. */
    record Usable() implements KvmVerdict {}

    /**
     * There is a device, but it does not run guests as a processor does.
     *
     * @param reason one line, without a full stop
     */
    record Emulated(String reason) implements KvmVerdict {}

    /**
     * There is a device that this user may not open.
     *
     * @param fix what to do, as a command
     */
    record NoPermission(String fix) implements KvmVerdict {}

    /**
     * There is none.
     *
     * @param reason one line, without a full stop
     */
    record Absent(String reason) implements KvmVerdict {}

    /** Returns in half a sentence why KVM is of no use, or that it is. */
    default String explanation() {
        return switch (this) {
            case Usable() -> "KVM runs guests here";
            case Emulated(String reason) -> "/dev/kvm is of no use: " + reason;
            case NoPermission(String fix) -> "this user may not open /dev/kvm; mend it with: " + fix;
            case Absent(String reason) -> reason;
        };
    }
}
