package dev.fcvm.it.vmm;

import dev.fcvm.error.FcvmException;
import dev.fcvm.vmm.qemu.QemuVmm;
import java.nio.file.Path;

/** QEMU with KVM, where KVM runs guests. */
final class QemuOnKvmTest extends QemuVmmTest {

    @Override
    QemuVmm qemu(Path program) throws FcvmException {
        return QemuVmm.withKvm(program);
    }
}
