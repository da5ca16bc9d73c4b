package dev.fcvm.it.net;

import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.OrdinaryUser;

/** An ordinary user's runs on a KVM that runs guests. */
final class RootlessOnKvmTest extends RunOnKvm {

    @Override
    String mode() {
        return "rootless";
    }

    @Override
    int processorsInFirecracker() {
        return 2;
    }

    @Override
    Fcvm user() {
        return Fcvm.of(opened(OrdinaryUser.make()));
    }

    @Override
    String callerFromLoopback(String answer) {
        return "10.0.2.2";
    }
}
