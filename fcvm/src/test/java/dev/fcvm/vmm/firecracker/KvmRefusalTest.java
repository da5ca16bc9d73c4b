package dev.fcvm.vmm.firecracker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class KvmRefusalTest {

    private static final String ADVICE =
            " Make sure the user launching the firecracker process is \\\nconfigured on the /dev/kvm file's ACL.";

    @Test
    void shouldSayWhatToDoWhenTheUserMayNotUseKvm() {
        assertThat(KvmRefusal.explain("Start microvm error: Internal error while starting microVM: Kvm error: Error"
                        + " creating KVM object: Permission denied (os error 13)" + ADVICE))
                .hasValueSatisfying(text -> assertThat(text)
                        .startsWith("firecracker may not use /dev/kvm: join the group")
                        .doesNotContain("\n"));
    }

    @Test
    void shouldSayWhatIsWrongWithKvmOtherwise() {
        assertThat(KvmRefusal.explain("Error creating KVM object: No such file or directory (os error 2)" + ADVICE))
                .contains("firecracker cannot use /dev/kvm (No such file or directory (os error 2)):"
                        + " load the kernel's KVM module, or use --vmm qemu");
    }

    @Test
    void shouldLeaveOtherComplaintsAlone() {
        assertThat(KvmRefusal.explain("The kernel file cannot be opened")).isEmpty();
    }
}
