package dev.fcvm.it.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.host.MachineId;
import dev.fcvm.host.process.MachineProcesses;
import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Place;
import dev.fcvm.it.harness.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever is killed, and whenever: what is told of a machine is true, it can be started again where it was to stay, and
 * removing it leaves nothing. The harness looks for what is left after each test.
 */
@MachineTest
class KillMatrixTest {

    private static final String NAME = "victim";

    private static final List<String> WAY = List.of("preparing", "booting", "running");

    /** The supervisor is killed when it has written that the machine is in this state, or soon after. */
    @ParameterizedTest
    @ValueSource(strings = {"preparing", "booting", "running"})
    void shouldLeaveNothingOfAStartThatTheSupervisorDidNotSurvive(String state, Fcvm fcvm, Archives archives) {
        try (var user = new Supervised(fcvm)) {
            user.run("ps").expect(0);
            ProcessHandle supervisor = user.process();
            try (Child starting = user.call("run", "-d", "--name", NAME, image(archives), "sleep", "1000")
                    .start()) {
                fcvm.await(
                        starting,
                        each -> state(each)
                                .filter(now -> WAY.indexOf(now) >= WAY.indexOf(state))
                                .isPresent());
                kill(supervisor);
                starting.closed();
            }
            String told =
                    user.run("ps", "-a", "--format", "{{.State}}").expect(0).out();
            assertThat(told.strip()).isIn("", "created", "failed", "abandoned", "running");
            if (told.equals("running\n")) {
                assertThat(user.run("exec", NAME, "echo", "here").out()).isIn("here\n", "");
            }
            if (!told.isEmpty()) {
                user.run("rm", "-f", NAME).expect(0);
            }
            // Its name is free again, though its maker was killed before there was more of it than that.
            user.run("create", "--name", NAME, image(archives), "true").expect(0);
            user.run("rm", NAME).expect(0);
            assertThat(fcvm.machines()).isEmpty();
        }
    }

    @Test
    void shouldEndWhatWasToldToEndThoughTheSupervisorIsKilledMeanwhile(Fcvm fcvm, Archives archives) {
        try (var user = new Supervised(fcvm)) {
            run(user, archives, "trap '' TERM; echo ready; while :; do sleep 1; done");
            ProcessHandle supervisor = user.process();
            try (Child stopping = user.call("stop", "-t", "3", NAME).start()) {
                fcvm.await(
                        stopping, each -> state(each).filter("stopping"::equals).isPresent());
                kill(supervisor);
                stopping.closed();
            }
            assertThat(user.run("wait", NAME).expect(0).out()).isEqualTo("137\n");
            ProcessHandle next = user.process();
            try (Child removing = user.call("rm", NAME).start()) {
                kill(next);
                removing.closed();
            }
            user.run("rm", "-f", NAME).expect(0);
            assertThat(fcvm.machines()).isEmpty();
        }
    }

    @Test
    void shouldTellTheEndsOfCommandsThatTheSupervisorDidNotSurvive(Fcvm fcvm, Archives archives) {
        try (var user = new Supervised(fcvm)) {
            KilledCommands.tell(user, image(archives));
        }
    }

    @Test
    void shouldTellTheTruthOfAMachineWhosePartsAreKilledAndStartItAgain(Fcvm fcvm, Archives archives) {
        try (var user = new Supervised(fcvm)) {
            run(user, archives, "echo ready; exec sleep 1000");
            user.run("exec", NAME, "sh", "-c", "echo kept >/kept; sync").expect(0);

            killMonitor(fcvm);
            restsAndStartsAgain(user, "failed");

            user.run("exec", "--vm", NAME, "/usr/lib/fcvm/busybox", "reboot", "-n", "-f");
            restsAndStartsAgain(user, "failed");

            // Without SysRq, which not every kernel has: a kernel that is told so panics when memory runs out.
            user.run("exec", "--vm", NAME, "sh", "-c", "echo 2 >/proc/sys/vm/panic_on_oom; exec tail /dev/zero");
            restsAndStartsAgain(user, "failed");

            inTheGuest(user, "podman");
            restsAndStartsAgain(user, "exited", "failed");

            inTheGuest(user, "conmon");
            restsAndStartsAgain(user, "exited", "failed");

            inTheGuest(user, "fc-agent");
            restsAndStartsAgain(user, "failed");

            // The host is started anew: every process is gone, the files are there.
            ProcessHandle supervisor = user.process();
            processes(fcvm).killAll();
            kill(supervisor);
            assertThat(user.run("ps", "-a", "--format", "{{.State}}").expect(0).out())
                    .isIn("abandoned\n", "failed\n");
            user.run("start", NAME).expect(0);
            assertThat(user.run("exec", NAME, "cat", "/kept").expect(0).out()).isEqualTo("kept\n");
            user.run("rm", "-f", NAME).expect(0);
            assertThat(fcvm.machines()).isEmpty();
        }
    }

    @Test
    void shouldHandMachinesFromSupervisorToSupervisorWhetherTheyRunOrArePaused(
            Fcvm fcvm, Archives archives, Place place) throws IOException {
        try (var user = new Supervised(fcvm)) {
            run(user, archives, "echo ready; exec sleep 1000");
            ProcessHandle old = user.process();
            var upgraded = new Supervised(fcvm.by(Supervised.upgraded(place)));
            try (Child command = user.call("exec", NAME, "sh", "-c", "echo begun; exec sleep 1000")
                    .start()) {
                command.awaitOut("begun\n");
                assertThat(upgraded.run("exec", NAME, "echo", "here").expect(0).out())
                        .isEqualTo("here\n");
                assertThat(command.outcome().expect(125).err())
                        .isEqualTo("Error: the supervisor has ended; the command goes on in machine " + NAME
                                + ", and what it writes is dropped; its end: fcvm events --filter event=exec_died\n");
            }
            old.onExit().orTimeout(20, TimeUnit.SECONDS).join();

            try (Child command = upgraded.call("exec", NAME, "sh", "-c", "echo begun; exec sleep 1000")
                    .start()) {
                command.awaitOut("begun\n");
                upgraded.run("pause", NAME).expect(0);
                command.signal("KILL");
                command.closed();
            }
            // Neither waits for the command, which cannot end, nor for the agent, which cannot answer the second one.
            upgraded.stop();
            assertThat(states(upgraded)).isEqualTo("paused\n");
            upgraded.stop();
            assertThat(states(upgraded)).isEqualTo("paused\n");
            upgraded.run("unpause", NAME).expect(0);
            assertThat(upgraded.run("exec", NAME, "echo", "still").expect(0).out())
                    .isEqualTo("still\n");
            ProcessHandle unreachable = upgraded.process();
            Files.delete(upgraded.socket());
            assertThat(upgraded.run("exec", NAME, "echo", "again").expect(0).out())
                    .isEqualTo("again\n");
            unreachable.onExit().orTimeout(20, TimeUnit.SECONDS).join();
            upgraded.run("rm", "-f", NAME).expect(0);
            upgraded.stop();
        }
    }

    @Test
    void shouldGoOnWithAGuestWhoseDiskIsFull(Fcvm fcvm, Archives archives) {
        try (var user = new Supervised(fcvm)) {
            user.run("run", "-d", "--disk-size", "64m", "--name", NAME, image(archives), "sleep", "1000")
                    .expect(0);
            // Podman's own records have no room either: what the commands' exit codes are is not said here.
            assertThat(user.run("exec", NAME, "dd", "if=/dev/zero", "of=/fill", "bs=1M")
                            .err())
                    .contains("No space left on device");
            assertThat(user.run("exec", NAME, "echo", "goes on").out()).isEqualTo("goes on\n");
            assertThat(user.run("ps", "--format", "{{.State}}").expect(0).out()).isEqualTo("running\n");
            user.run("exec", NAME, "rm", "/fill");
            user.run("stop", "-t", "0", NAME).expect(0);
            user.run("start", NAME).expect(0);
            user.run("rm", "-f", NAME).expect(0);
        }
    }

    private static String states(Supervised user) {
        return user.run("ps", "-a", "--format", "{{.State}}").expect(0).out();
    }

    private static void run(Supervised user, Archives archives, String script) {
        user.run("run", "-d", "--name", NAME, image(archives), "/bin/sh", "-c", script)
                .expect(0);
    }

    /** Its state is one of these, its supervisor says so at once, and it can be started. */
    private static void restsAndStartsAgain(Supervised user, String... states) {
        user.run("wait", NAME);
        assertThat(user.run("inspect", "-f", "{{.State.Status}}", NAME)
                        .expect(0)
                        .out()
                        .strip())
                .isIn((Object[]) states);
        assertThat(user.run("ps", "-q").expect(0).out()).isEmpty();
        user.run("start", NAME).expect(0);
        assertThat(user.run("exec", NAME, "echo", "again").expect(0).out()).isEqualTo("again\n");
    }

    private static void inTheGuest(Supervised user, String program) {
        user.run(
                "exec",
                "--vm",
                NAME,
                "sh",
                "-c",
                "for p in /proc/[0-9]*; do case $(tr '\\0' ' ' <$p/cmdline 2>/dev/null) in *" + program
                        + "*) [ ${p#/proc/} = $$ ] || kill -9 ${p#/proc/};; esac; done");
    }

    /** What belongs to the machine on the host, its monitor among it. */
    private static MachineProcesses processes(Fcvm fcvm) {
        return new MachineProcesses(
                new MachineId(fcvm.machines().getFirst().getFileName().toString()));
    }

    private static void killMonitor(Fcvm fcvm) {
        List<ProcessHandle> found = processes(fcvm).living().stream()
                .filter(process -> process.info()
                        .command()
                        .filter(program -> program.matches(".*(firecracker|qemu-system-[^/]*)"))
                        .isPresent())
                .toList();
        assertThat(found).as("monitors").isNotEmpty();
        found.forEach(KillMatrixTest::kill);
    }

    private static void kill(ProcessHandle process) {
        process.destroyForcibly();
        process.onExit().join();
    }

    private static Optional<String> state(Fcvm fcvm) {
        return fcvm.machines().stream().findFirst().map(KillMatrixTest::state);
    }

    private static String state(Path machine) {
        try {
            return Files.readString(machine.resolve("state.json")).replaceFirst("(?s).*\"state\":\"([a-z]+)\".*", "$1");
        } catch (IOException notYet) {
            return "";
        }
    }

    private static String image(Archives archives) {
        return "oci-archive:" + archives.ociArchive(TestImages.plain());
    }
}
