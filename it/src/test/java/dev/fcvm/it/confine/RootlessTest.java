package dev.fcvm.it.confine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.OrdinaryUser;
import dev.fcvm.it.harness.TestImages;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A machine of a user without privileges: what its monitor can see and do, with either monitor. */
@MachineTest
class RootlessTest {

    /** Links into the host's files, which are gone: the script needed them to take the rest away. */
    private static final List<String> DANGLING = List.of("bin", "lib", "lib64", "proc", "sbin", "usr");

    @Test
    void shouldLeaveTheMonitorNothingOfTheHostAndNoPrivilege(Archives archives) {
        assumeTrue(OrdinaryUser.possible(), "only root may make a user");
        try (OrdinaryUser user = OrdinaryUser.make();
                Fcvm fcvm = Fcvm.of(user)) {
            String image = "oci-archive:" + archives.ociArchive(TestImages.plain());
            try (Child run = ready(fcvm, image)) {
                Monitored monitor = Monitored.of(fcvm);

                assertThat(monitor.ownNamespaces()).contains("ipc", "mnt", "net", "pid", "user", "uts");
                assertThat(monitor.status("NSpid")).endsWith("\t1");
                assertThat(map(monitor, "uid_map")).first().isEqualTo("0 " + user.uid() + " 1");
                assertThat(monitor.status("Uid").split("\\s+")).containsOnly(Long.toString(user.uid()));
                assertThat(monitor.status("NoNewPrivs")).isEqualTo("1");
                assertThat(monitor.status("Seccomp")).isEqualTo("2");
                for (String set : List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")) {
                    assertThat(monitor.status(set)).as(set).matches("0+");
                }
                assertThat(monitor.limit("Max open files")).startsWith("2048 2048");
                assertThat(monitor.limit("Max file size")).doesNotContain("unlimited");
                assertThat(monitor.limit("Max core file size")).startsWith("0 0");

                assertThat(monitor.names("old")).isEmpty();
                assertThat(monitor.aboveWorkingDirectory()).isEqualTo(monitor.names(""));
                assertThat(monitor.mounts())
                        .containsEntry("/", true)
                        .containsEntry("/kernel", true)
                        .containsEntry("/initramfs", true)
                        .containsEntry("/disk0", true)
                        .containsEntry("/disk1", false)
                        .containsEntry("/disk2", true)
                        .containsEntry("/sockets", false);
                assertThat(monitor.descriptors())
                        .noneMatch(file -> file.startsWith("/proc") || file.startsWith("/etc") || file.contains("fifo"))
                        .noneMatch(file -> file.contains("/jail/"));
                if (fcvm.lane().isFirecracker()) {
                    assertOnlyFirecrackersOwnFiles(monitor);
                } else {
                    // QEMU is linked against the host's libraries: those, and nothing that is anybody's data.
                    assertThat(monitor.names("")).doesNotContain("home", "root", "tmp", "var", "run", "work");
                    assertThat(monitor.names("etc")).isSubsetOf("alternatives", "ld.so.cache");
                    assertThat(monitor.names("dev")).isSubsetOf("kvm", "null", "urandom");
                    assertThat(monitor.mounts()).containsEntry("/usr", true);
                }
                end(run);
            }
            assertThat(fcvm.leaks()).isEmpty();
        }
    }

    /** The kernel lets nobody give up a group who has set the mapping of a user namespace without root's help. */
    @Test
    void shouldTakeTheMonitorOutOfTheUsersGroupsWhereTheUserHasSubordinateIdsAndRunAsWellWhereNot(Archives archives) {
        assumeTrue(OrdinaryUser.possible(), "only root may make a user");
        try (OrdinaryUser user = OrdinaryUser.make();
                Fcvm fcvm = Fcvm.of(user)) {
            String group = Long.toString(user.join("users"));
            String image = "oci-archive:" + archives.ociArchive(TestImages.plain());

            try (Child run = ready(fcvm, image)) {
                Monitored monitor = Monitored.of(fcvm);
                assertThat(map(monitor, "uid_map"))
                        .containsExactly("0 " + user.uid() + " 1", "1 " + user.firstSubordinate() + " 65535");
                assertThat(map(monitor, "gid_map")).hasSize(2);
                assertThat(monitor.status("Groups")).isEmpty();
                end(run);
            }
            String initramfs = fcvm.data().resolve("images/initramfs.img").toString();
            Child.of("chown", "root:users", initramfs).run().expect(0);
            Child.of("chmod", "0640", initramfs).run().expect(0);
            try (Child run = ready(fcvm, image)) {
                assertThat(Monitored.of(fcvm).status("Groups").split("\\s+"))
                        .as("groups, one of which the machine's files are read by")
                        .contains(group);
                end(run);
            }
            user.takeSubordinates();
            try (Child run = ready(fcvm, image)) {
                Monitored monitor = Monitored.of(fcvm);
                assertThat(map(monitor, "uid_map")).containsExactly("0 " + user.uid() + " 1");
                assertThat(monitor.status("Groups").split("\\s+")).contains(group);
                assertThat(monitor.status("CapBnd")).matches("0+");
                end(run);
            }
            assertThat(fcvm.leaks()).isEmpty();
        }
    }

    private static List<String> map(Monitored monitor, String file) {
        return monitor.lines(file).stream()
                .map(line -> line.strip().replaceAll(" +", " "))
                .toList();
    }

    private static Child ready(Fcvm fcvm, String image) {
        Child run = fcvm.call("run", "--rm", image, "/bin/signals", "TERM").start();
        run.awaitOut("ready\n");
        return run;
    }

    private static void end(Child run) {
        run.signal("TERM");
        run.outcome().expect(40);
    }

    private static void assertOnlyFirecrackersOwnFiles(Monitored monitor) {
        assertThat(monitor.names("").stream().filter(name -> !DANGLING.contains(name)))
                .containsExactly(
                        "dev",
                        "disk0",
                        "disk1",
                        "disk2",
                        "exchange",
                        "initramfs",
                        "kernel",
                        "monitor",
                        "old",
                        "sockets");
        for (String link : DANGLING) {
            assertThat(monitor.names("")).contains(link);
            assertThat(Files.isSymbolicLink(monitor.inside(link))).isTrue();
        }
        assertThat(monitor.names("dev")).isSubsetOf("kvm", "net", "null", "urandom", "userfaultfd");
    }
}
