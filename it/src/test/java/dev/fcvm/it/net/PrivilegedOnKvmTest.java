package dev.fcvm.it.net;

import dev.fcvm.it.harness.Fcvm;
import java.nio.file.Path;

/** Root's runs on a KVM that runs guests. */
final class PrivilegedOnKvmTest extends RunOnKvm {

    @Override
    String mode() {
        return "privileged";
    }

    @Override
    int processorsInFirecracker() {
        return 1;
    }

    @Override
    Fcvm user() {
        return Fcvm.create();
    }

    /** What root's first machine would do to the host, and say so. */
    @Override
    void prepare() {
        town.host()
                .run(
                        "nft",
                        "-f",
                        Path.of(System.getProperty("fcvm.test.repository"), "network", "nftables-template.nft")
                                .toString());
        town.host().script("echo 1 >/proc/sys/net/ipv4/ip_forward");
    }

    /** The machine's own gateway, of the pool. */
    @Override
    String callerFromLoopback(String answer) {
        return answer.matches("200 guest to 10\\.231\\.[0-9.]+")
                ? answer.substring("200 guest to ".length())
                : "the pool";
    }
}
