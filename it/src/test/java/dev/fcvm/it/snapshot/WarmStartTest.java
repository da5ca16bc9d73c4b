package dev.fcvm.it.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.Place;
import dev.fcvm.it.harness.TestImages;
import dev.fcvm.it.supervisor.Supervised;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runs that start from the warm base, a snapshot of a machine that has booted. */
@MachineTest
@Timeout(300)
class WarmStartTest {

    private static final String SELF = "cat /proc/sys/kernel/random/uuid; head -c 16 /dev/urandom | md5sum; hostname;"
            + " cat /run/.fcvm/id; sed -n 's/.*127.0.1.1[^a-z0-9]*//p' /etc/hosts; date +%s";

    @Test
    void shouldStartLaterMachinesFromOneThatHasBootedEachItsOwn(Fcvm fcvm, Archives archives, Place place)
            throws Exception {
        assumeTrue(fcvm.lane().isFirecracker(), "QEMU has a shorter test");
        try (var user = new Supervised(fcvm)) {
            assertThat(run(user, archives, "true").err())
                    .as("the first run boots")
                    .doesNotContain("renewed");
            Path base = WarmBase.await(fcvm);

            long before = Instant.now().getEpochSecond();
            List<List<String>> selves = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                Outcome warm = run(user, archives, "sh", "-c", SELF);
                assertThat(warm.expect(0).err()).contains("\"renewed\":");
                selves.add(warm.out().lines().toList());
            }
            for (int line = 0; line < 5; line++) {
                assertThat(selves.get(0).get(line)).isNotEqualTo(selves.get(1).get(line));
            }
            assertThat(Long.parseLong(selves.get(1).get(5))).isBetween(before, before + 100);
            run(user, archives, "sh", "-c", "exit 42").expect(42);
            assertThat(run(user, archives, "--cold", "true").err()).doesNotContain("renewed");

            Path shown = place.directory("shown");
            Files.writeString(shown.resolve("file"), "theirs\n");
            Path changed = place.directory("changed");
            Outcome mapped = run(
                    user,
                    archives,
                    "-v",
                    changed + ":/changed",
                    "-v",
                    shown + ":/shown:ro",
                    "-v",
                    "kept:/volume",
                    "sh",
                    "-c",
                    "cat /shown/file; echo made >/changed/new; echo kept >/volume/file");
            assertThat(mapped.expect(0).err()).contains("renewed");
            assertThat(mapped.out()).isEqualTo("theirs\n");
            assertThat(changed.resolve("new")).hasContent("made\n");
            assertThat(run(user, archives, "-v", "kept:/volume", "cat", "/volume/file")
                            .expect(0)
                            .out())
                    .isEqualTo("kept\n");

            goOnOnItsOwnDisk(user, archives);
            takeOneThatWaits(user, archives);
            user.run("volume", "rm", "kept").expect(0);
            shouldMakeTheContainerThatPodmanRunMakes(user, archives);
            shouldBootWhenTheBaseCannotBeRead(user, archives, base);
        }
    }

    /** What is the monitor's in it: disks that come later, a card that there was none for, a disk of its own. */
    @Test
    void shouldStartLaterMachinesInQemuWithTheirOwnDisksAndCard(Fcvm fcvm, Archives archives, Place place)
            throws Exception {
        assumeTrue(!fcvm.lane().isFirecracker(), "Firecracker has a longer test");
        Path shown = place.directory("shown");
        Files.writeString(shown.resolve("file"), "theirs\n");
        Path changed = place.directory("changed");
        try (var user = new Supervised(fcvm)) {
            run(user, archives, "true").expect(0);
            WarmBase.await(fcvm);
            Outcome warm = run(
                    user,
                    archives,
                    "--network=default",
                    "-v",
                    shown + ":/shown:ro",
                    "-v",
                    changed + ":/changed",
                    "-v",
                    "kept:/volume",
                    "sh",
                    "-c",
                    "cat /shown/file; echo made >/changed/new; echo kept >/volume/file; cat /sys/class/net/eth0/address");
            assertThat(warm.expect(0).err()).contains("\"renewed\":");
            assertThat(warm.out()).isEqualTo("theirs\n06:00:ac:1e:00:02\n");
            assertThat(changed.resolve("new")).hasContent("made\n");
            user.run("volume", "rm", "kept").expect(0);
        }
    }

    /** By default, and whoever is killed meanwhile. */
    @Test
    void shouldBeMadeBehindTheFirstRunAndShowNothingOfThatAndLeaveNothing(Fcvm fcvm, Archives archives) {
        assumeTrue(fcvm.lane().isFirecracker(), "seen to on Firecracker: nothing in it is the monitor's");
        try (var user = new Supervised(fcvm)) {
            user.call("run", "-d", "-m", "64m", "--name", "first", plain(archives), "sleep", "1000")
                    .env(WarmBase.VARIABLE, "")
                    .run()
                    .expect(0);
            Fcvm.await(() -> WarmBase.making(fcvm), making -> !making.isEmpty());
            assertThat(user.run("ps", "-a", "--format={{.Names}}").expect(0).out())
                    .isEqualTo("first\n");
            user.process().destroyForcibly();
            user.run("exec", "first", "true").expect(0);
            assertThat(WarmBase.making(fcvm)).as("left by a killed maker").isEmpty();
            assertThat(fcvm.processes().filter(line -> line.contains(" --id ")))
                    .as("monitors")
                    .allSatisfy(line -> assertThat(line).contains(id(user, "first")));

            user.call("run", "--rm", "-m", "64m", plain(archives), "true")
                    .env(WarmBase.VARIABLE, "")
                    .run()
                    .expect(0);
            Fcvm.await(() -> WarmBase.making(fcvm), making -> !making.isEmpty());
            user.stop();
            assertThat(WarmBase.making(fcvm))
                    .as("left by one that was told to end")
                    .isEmpty();
            user.run("rm", "-f", "first").expect(0);

            fcvm.call("run", "--rm", "-m", "64m", plain(archives), "true")
                    .env(WarmBase.VARIABLE, "")
                    .run()
                    .expect(0);
            assertThat(WarmBase.find(fcvm))
                    .as("by a command without a supervisor")
                    .isEmpty();
        }
    }

    private static String id(Supervised user, String machine) {
        return user.run("inspect", "--format={{.Id}}", machine).expect(0).out().strip();
    }

    /** A machine that began warm is stopped, started, saved and made two of, as any other. */
    private static void goOnOnItsOwnDisk(Supervised user, Archives archives) {
        warmly(user.call("run", "-d", "-m", "64m", "--name", "kept", plain(archives), "sleep", "1000"))
                .run()
                .expect(0);
        user.run("exec", "kept", "touch", "/made").expect(0);
        user.run("clone", "kept", "--name", "other", "-d", "--rm").expect(0);
        user.run("exec", "other", "test", "-e", "/made").expect(0);
        user.run("rm", "-f", "other").expect(0);
        user.run("stop", "-t", "0", "kept").expect(0);
        user.run("start", "kept").expect(0);
        user.run("exec", "kept", "test", "-e", "/made").expect(0);
        user.run("rm", "-f", "kept").expect(0);
    }

    /** Its image is given to it when it is taken; what is saved of it finds that in another machine as well. */
    private static void takeOneThatWaits(Supervised user, Archives archives) {
        assertThat(warmly(user.call("pool", "create", "ready", "--size", "2", "-m", "64m"))
                        .run()
                        .expect(0)
                        .out())
                .isEqualTo("ready\n");
        String waiting = user.run("pool", "inspect", "ready").expect(0).out();
        String id = warmly(user.call(
                        "run",
                        "-d",
                        "-m",
                        "64m",
                        "--name",
                        "taken",
                        "--pool",
                        "ready",
                        plain(archives),
                        "sleep",
                        "1000"))
                .run()
                .expect(0)
                .out()
                .strip();
        assertThat(waiting).contains(id);
        user.run("clone", "taken", "--name", "other", "-d", "--rm").expect(0);
        assertThat(user.run("exec", "other", "sh", "-c", "touch /made; ls -d /made /bin")
                        .expect(0)
                        .out())
                .isEqualTo("/bin\n/made\n");
        Outcome run = run(user, archives, "--pool=ready", "sh", "-c", "hostname; exit 42");
        assertThat(run.expect(42).err()).contains("\"renewed\":");
        assertThat(waiting).contains(run.out().strip());
        user.run("rm", "-f", "taken", "other").expect(0);
        user.run("pool", "rm", "ready").expect(0);
    }

    /** In a warm machine its service made it, in one that has booted its program. */
    private static void shouldMakeTheContainerThatPodmanRunMakes(Supervised user, Archives archives) {
        String warm = containerOf(user, archives, "warm", "--network=none");
        assertThat(warm)
                .contains("\"Image\"", "A=\\\"b\\\\c\"")
                .isEqualTo(containerOf(user, archives, "cold", "--cold"));
    }

    private static String containerOf(Supervised user, Archives archives, String name, String how) {
        warmly(user.call(
                        "run",
                        "-d",
                        "-m",
                        "64m",
                        "--network=none",
                        how,
                        "--name",
                        name,
                        "--label=a=b=c",
                        "-e",
                        "A=\"b\\c",
                        "-u",
                        "5:6",
                        "-w",
                        "/tmp",
                        "--cap-drop=CHOWN",
                        "--cap-add=NET_ADMIN",
                        "--read-only",
                        "--entrypoint=sh",
                        plain(archives),
                        "-c",
                        "sleep 1000"))
                .run()
                .expect(0);
        String seen = user.run("exec", "--vm", name, "podman", "inspect", name)
                .expect(0)
                .out();
        // Podman's service writes its own file, its program ours.
        assertThat(seen.contains("\"PidFile\": \"/run/containers/"))
                .as("made by the service")
                .isEqualTo(name.equals("warm"));
        user.run("rm", "-f", name).expect(0);
        return seen.replace("\"" + name + "\"", "NAME")
                .replace("--name=" + name, "NAME")
                .replaceAll("[0-9a-f]{64}", "ID")
                .replaceAll("[0-9a-f]{12}", "HOST")
                .replaceAll("[0-9]{4}-[0-9]{2}-[0-9]{2}T[^\"]*", "TIME")
                .replaceAll("Pid\": [0-9]+", "Pid")
                .replaceAll("/proc/[0-9]+/", "/proc/")
                .replaceAll("\"PidFile\".*", "")
                .lines()
                // Variables have no order.
                .map(line -> line.strip().replaceAll(",$", ""))
                .sorted()
                .collect(Collectors.joining("\n"));
    }

    private static void shouldBootWhenTheBaseCannotBeRead(Supervised user, Archives archives, Path base)
            throws IOException {
        // The machine's own user cannot read it any more.
        Files.setPosixFilePermissions(base.resolve("memory"), PosixFilePermissions.fromString("rw-------"));
        Outcome run = run(user, archives, "echo", "done");
        assertThat(run.expect(0).out()).isEqualTo("done\n");
        assertThat(run.err().lines().filter(line -> line.startsWith("fcvm: ")))
                .singleElement()
                .asString()
                .contains("cannot start from its warm base, and boots", "memory");
        assertThat(base).doesNotExist();
    }

    private static Outcome run(Supervised user, Archives archives, String... words) {
        List<String> arguments = new ArrayList<>(List.of("run", "--rm", "-m", "64m", "--timings=json"));
        int command = 0;
        while (words[command].startsWith("-")) {
            arguments.add(words[command]);
            command++;
            if (words[command - 1].equals("-v")) {
                arguments.add(words[command]);
                command++;
            }
        }
        arguments.add(plain(archives));
        arguments.addAll(List.of(words).subList(command, words.length));
        return warmly(user.call(arguments.toArray(String[]::new))).run();
    }

    private static Child.Call warmly(Child.Call call) {
        return call.env(WarmBase.VARIABLE, "yes");
    }

    private static String plain(Archives archives) {
        return "oci-archive:" + archives.ociArchive(TestImages.plain());
    }
}
