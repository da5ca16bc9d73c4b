package dev.fcvm.vmm.firecracker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.fcvm.error.FcvmException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

    @Test
    void shouldSayBeforeAnythingIsStartedThatThereIsNoDeviceOrThatItMayNotBeUsed(@TempDir Path directory)
            throws Exception {
        assertThatThrownBy(() -> KvmRefusal.check(directory.resolve("kvm")))
                .isInstanceOf(FcvmException.class)
                .hasMessage("firecracker cannot run here: there is no " + directory.resolve("kvm")
                        + ": load the kernel's KVM module, or use --vmm qemu");
        Path closed = Files.createFile(directory.resolve("closed"));
        KvmRefusal.check(closed);
        Files.setPosixFilePermissions(closed, Set.of());
        assumeFalse(Files.isReadable(closed), "root may use every file");
        assertThatThrownBy(() -> KvmRefusal.check(closed)).hasMessageStartingWith("firecracker may not use /dev/kvm");
    }
}
