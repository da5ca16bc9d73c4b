package dev.fcvm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.OrdinaryUser;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.TestImages;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A file system of the host's that one machine has by NFS. */
@MachineTest
class NfsMappingTest {

    /** In a network and with mounts of its own: the file system in memory, and nothing of the host's network. */
    private static final String SURROUNDINGS = """
            shared=$1; shift
            ip link set lo up
            nft -f "$0"
            mount -t tmpfs tmpfs "$shared"
            echo host >"$shared/file"
            "$@"
            code=$?
            cp -a "$shared/." "$shared.seen/"
            umount "$shared"
            exit $code
            """;

    @Test
    void shouldServeAFileSystemToItsMachineAloneAndNoPartOfOne(Fcvm fcvm, Archives archives) throws Exception {
        assumeTrue(OrdinaryUser.possible(), "only root serves NFS");
        assumeTrue(Files.exists(Path.of("/usr/bin/ganesha.nfsd")), "there is no nfs-ganesha");
        Path shared = fcvm.place().directory("shared");
        Path seen = fcvm.place().directory("shared.seen");
        Path rules = Path.of(System.getProperty("fcvm.test.repository"), "network", "nftables-template.nft");
        Outcome outcome = fcvm.within(List.of(
                        "unshare",
                        "--net",
                        "--mount",
                        "--propagation",
                        "private",
                        "sh",
                        "-c",
                        SURROUNDINGS,
                        rules.toString(),
                        shared.toString()))
                .call(
                        "run",
                        "--rm",
                        "--map",
                        shared + ":/shared,mode=nfs",
                        "--map",
                        shared + ":/fixed:ro,mode=nfs",
                        "--privileged",
                        "oci-archive:" + archives.ociArchive(TestImages.plain()),
                        "sh",
                        "-c",
                        "cat /shared/file; echo guest >/shared/made; chmod 640 /shared/made; chown 12:34 /shared/made;"
                                + " ln /shared/made /shared/second; ln -s ../file /shared/link;"
                                + " stat -c '%a %u %g %h %s' /shared/second; mount -o remount,rw,bind /fixed;"
                                + " echo x >/fixed/file || echo refused; rm -f /fixed/file || echo refused; cat /fixed/file;"
                                // The same export once more, and to be written to.
                                + " grep ' /fixed ' /proc/mounts | { read -r from at kind words rest; mkdir /again;"
                                + " mount -i -t nfs4 -o rw,\"${words#ro,}\" \"$from\" /again && echo mounted;"
                                + " echo x >/again/file || echo refused; }")
                .env("FCVM_NETWORK", "default")
                .run();
        assertThat(outcome.expect(0).out())
                .isEqualTo("host\n640 12 34 2 6\nrefused\nrefused\nhost\nmounted\nrefused\n");
        assertThat(seen.resolve("made")).hasContent("guest");
        assertThat(seen.resolve("file")).hasContent("host");
        assertThat(seen.resolve("link")).isSymbolicLink();

        Outcome part = fcvm.run("run", "--rm", "--map", shared + ":/x,mode=nfs", "image");
        assertThat(part.expect(125).err()).contains("mode=sshfs").hasLineCount(1);
        assertThat(fcvm.leaks()).isEmpty();
    }
}
