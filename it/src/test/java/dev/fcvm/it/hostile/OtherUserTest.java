package dev.fcvm.it.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.host.MachineId;
import dev.fcvm.host.process.MachineProcesses;
import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.OrdinaryUser;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.Place;
import dev.fcvm.it.harness.TestImages;
import dev.fcvm.it.supervisor.Supervised;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Another user of the host, who has a login and means harm: a number nobody has, without groups and capabilities. */
@MachineTest
class OtherUserTest {

    private static final int STRANGER = 2_100_000_001;
    private static final int VICTIM = 2_100_000_002;

    /** Tries everything on each process and file that it is told of, and says what was not refused. */
    private static final String ATTACK = """
            import ctypes, os, signal, socket, sys
            libc = ctypes.CDLL(None, use_errno=True)
            def call(*words):
                if libc.syscall(*words) < 0:
                    raise OSError(ctypes.get_errno(), 'refused')
                return 'done'
            def attempt(what, how):
                try:
                    print(what, how())
                except OSError:
                    pass
            def reached(path, kind):
                with socket.socket(socket.AF_UNIX, kind) as one:
                    one.connect(path)
                    return 'connected'
            def process(pid):
                base = '/proc/%d/' % pid
                for file in ('environ', 'maps', 'mem', 'io', 'auxv', 'syscall', 'stack'):
                    attempt(base + file, lambda: open(base + file, 'rb').read(1))
                for link in ('exe', 'cwd', 'root', 'ns/net', 'ns/mnt', 'ns/user'):
                    attempt(base + link, lambda: os.readlink(base + link))
                for directory in ('fd', 'map_files', 'root/', 'cwd/'):
                    attempt(base + directory, lambda: os.listdir(base + directory))
                attempt(base + 'root/dev', lambda: os.listdir(base + 'root/dev'))
                attempt('ptrace %d' % pid, lambda: call(101, 0x4206, pid, 0, 0))
                handle = os.pidfd_open(pid)
                for number in range(8):
                    attempt('descriptor %d of %d' % (number, pid), lambda: call(438, handle, number, 0))
                attempt('enter %d' % pid, lambda: call(308, handle, 0x40000000))
                attempt('priority of %d' % pid, lambda: os.setpriority(os.PRIO_PROCESS, pid, 19) or 'set')
                attempt('limits of %d' % pid, lambda: call(302, pid, 7, ctypes.create_string_buffer(b'\\1' * 16), 0))
                for number in (0, signal.SIGCONT, signal.SIGTERM):
                    attempt('signal %d to %d' % (number, pid), lambda: os.kill(pid, number) or 'sent')
                os.close(handle)
            def file(path):
                attempt(path, lambda: os.listdir(path))
                attempt(path, lambda: open(path, 'rb').read(1))
                attempt(path, lambda: os.open(path, os.O_WRONLY | os.O_NONBLOCK))
                attempt(path, lambda: os.rename(path, path + '.taken') or 'renamed')
                attempt(path, lambda: os.symlink('/etc/passwd', path + '.link') or 'linked')
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
                    attempt(path, lambda: reached(path, kind))
            for line in sys.stdin:
                word = line[:-1]
                process(int(word)) if word.isdigit() else file(word)
            print('tried')
            """;

    @BeforeAll
    static void asRoot() {
        assumeTrue(OrdinaryUser.possible(), "only root may become anybody");
    }

    @ParameterizedTest
    @ValueSource(strings = {"privileged", "rootless"})
    void shouldKeepAMachineAndItsSupervisorFromAnotherUser(String mode, Fcvm fcvm, Archives archives)
            throws IOException {
        assumeTrue(fcvm.lane().isFirecracker(), "seen to on Firecracker: nothing in it is the monitor's");
        try (var user = new Supervised(fcvm)) {
            user.run(
                            "run",
                            "-d",
                            "--name=own",
                            "--mode=" + mode,
                            "--network=default",
                            "--env=TOKEN=geheim",
                            "--publish=127.0.0.1::80",
                            "oci-archive:" + archives.ociArchive(TestImages.plain()),
                            "sh",
                            "-c",
                            "echo said; sleep 1000")
                    .expect(0);
            try {
                assertKept(fcvm, user, mode);
                user.run("exec", "own", "true").expect(0);
            } finally {
                user.run("rm", "-f", "own").expect(0);
            }
        }
        assertThat(fcvm.leaks()).isEmpty();
    }

    private static void assertKept(Fcvm fcvm, Supervised user, String mode) throws IOException {
        // As far as it goes by fcvm: whoever gets into the directories above is kept out by its own.
        Child.of("chmod", "755", fcvm.place().root().toString()).run().expect(0);
        List<String> targets = new ArrayList<>();
        Set<Long> processes = processes(fcvm, user);
        processes.forEach(process -> targets.add(process.toString()));
        targets.addAll(files(fcvm.data()));
        targets.addAll(files(fcvm.runtime()));

        String refused = attack(targets);

        assertThat(processes)
                .as("the supervisor, the keeper's, the monitor and its helpers")
                .hasSizeGreaterThan(4);
        assertThat(targets)
                .as("what was tried")
                .anyMatch(path -> path.endsWith("/console.log"))
                .anyMatch(path -> path.endsWith("/spec.json"))
                .anyMatch(path -> mode.equals("privileged") || path.endsWith("/slirp.sock"))
                .anyMatch(path -> path.matches(".*/[0-9a-f]{16}\\.sock"));
        assertThat(refused).isEqualTo("tried\n");
        for (long process : processes) {
            assertThat(Files.readString(Path.of("/proc/" + process + "/cmdline")))
                    .doesNotContain("geheim");
        }
    }

    /** Without a directory of the login's, sockets lie in one of /tmp whose name anybody can tell. */
    @ParameterizedTest
    @ValueSource(strings = {"ln -s \"$1\" \"$2\"", "mkdir -m 777 \"$2\""})
    void shouldNotUseARuntimeDirectoryThatAnotherUserHasTakenBeforehand(String taking, Fcvm fcvm, Place place)
            throws IOException {
        Path distribution = place.root().resolve("dist");
        if (!Files.exists(distribution)) {
            Path tested = Path.of(Place.setting("FCVM_TEST_LAUNCHER", "../build/dist/bin/fcvm"))
                    .toRealPath();
            Child.of("cp", "-RL", tested.resolve("../..").normalize().toString(), distribution.toString())
                    .run()
                    .expect(0);
        }
        Child.of("chmod", "755", place.root().toString()).run().expect(0);
        Path theirs = owned(place, "theirs", STRANGER);
        Path home = owned(place, "home", VICTIM);
        Path taken = Path.of("/tmp/fcvm-" + VICTIM);
        try {
            as(STRANGER, "sh", "-c", taking, "sh", theirs.toString(), taken.toString())
                    .run()
                    .expect(0);

            Outcome outcome = as(VICTIM, distribution.resolve("bin/fcvm").toString(), "ps")
                    .env("HOME", home.toString())
                    .env("FCVM_DATA_DIR", home.resolve("data").toString())
                    .without("XDG_RUNTIME_DIR")
                    .without("XDG_DATA_HOME")
                    .in(home)
                    .run();

            assertThat(outcome.expect(125).err())
                    .startsWith("Error: " + taken + " ")
                    .contains("remove it");
            assertThat(outcome.err().strip().lines()).hasSize(1);
            assertThat(theirs).isEmptyDirectory();
            assertThat(Files.isDirectory(taken, LinkOption.NOFOLLOW_LINKS) ? files(taken) : List.of(taken.toString()))
                    .containsExactly(taken.toString());
        } finally {
            Child.of("rm", "-rf", taken.toString()).run();
        }
    }

    private static Path owned(Place place, String name, int user) {
        Path directory = place.directory(name);
        Child.of("chown", Integer.toString(user), directory.toString()).run().expect(0);
        return directory;
    }

    private static Child.Call as(int user, String... command) {
        return Child.of(command)
                .inside(
                        "setpriv",
                        "--reuid=" + user,
                        "--regid=" + user,
                        "--clear-groups",
                        "--inh-caps=-all",
                        "--bounding-set=-all",
                        "--no-new-privs",
                        "--");
    }

    private static String attack(List<String> targets) {
        return as(STRANGER, "/usr/bin/python3", "-c", ATTACK)
                .in(Path.of("/"))
                .stdin((String.join("\n", targets) + "\n").getBytes(StandardCharsets.UTF_8))
                .run()
                .expect(0)
                .out();
    }

    private static Set<Long> processes(Fcvm fcvm, Supervised user) {
        MachineId id = new MachineId(fcvm.machines().getFirst().getFileName().toString());
        Set<Long> all = new TreeSet<>();
        new MachineProcesses(id).living().forEach(process -> all.add(process.pid()));
        all.add(user.process().pid());
        return all;
    }

    private static List<String> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.map(Path::toString).toList();
        }
    }

    /** Else the silence of the others would say nothing. */
    @Test
    void shouldSucceedOnWhatIsTheStrangersOwn(Place place) {
        Path own = owned(place, "strangers", STRANGER);
        Child.of("chmod", "755", place.root().toString()).run().expect(0);
        try (Child child =
                as(STRANGER, "sh", "-c", "sleep 1000 & echo $!; wait").start()) {
            child.awaitOut("\n");

            assertThat(attack(List.of(child.outSoFar().strip(), own.toString())))
                    .contains("/environ", "/exe", "/fd", "signal 0", "priority", own.toString());
        }
    }
}
