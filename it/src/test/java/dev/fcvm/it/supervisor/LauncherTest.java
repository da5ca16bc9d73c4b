package dev.fcvm.it.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.OrdinaryUser;
import dev.fcvm.it.harness.Outcome;
import dev.fcvm.it.harness.Place;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher finds, starts and replaces supervisors, and a command does in one what it does in its own process. */
@MachineTest
class LauncherTest {

    /** A command that does not end before something is written into this pipe. */
    private static Child waiting(Supervised user, Path pipe) throws IOException {
        if (!Files.exists(pipe)) {
            Child.of("mkfifo", pipe.toString()).run().expect(0);
        }
        return user.call("run", "--rm", "--label-file", pipe.toString(), "no/such:image")
                .start();
    }

    @Test
    void shouldStartOneSupervisorWhenTenCommandsAreStartedTogether(Fcvm fcvm) {
        try (var user = new Supervised(fcvm)) {
            List<Child> children = IntStream.range(0, 10)
                    .mapToObj(_ -> user.call("ps").start())
                    .toList();

            children.forEach(
                    child -> assertThat(child.outcome().expect(0).out()).startsWith("MACHINE ID"));
            assertThat(user.all()).hasSize(1);
        }
    }

    @Test
    void shouldLeaveNoReportOfACrashWhereTheCallerStands(Fcvm fcvm, Place place) throws IOException {
        Path directory = place.directory("callers");
        Path report = fcvm.runtime().resolve("fcvm/crash.log");
        Path pipe = place.root().resolve("never-written");
        Child.of("mkfifo", pipe.toString()).run().expect(0);
        try (Child child = fcvm.call("run", "--rm", "--label-file", pipe.toString(), "no/such:image")
                .in(directory)
                .start()) {
            // Opening the pipe waits until Java reads from it.
            try (var _ = Files.newOutputStream(pipe)) {
                child.signal("SEGV");
                child.closed();
            }

            assertThat(directory).isEmptyDirectory();
            assertThat(report).content().contains("SIGSEGV");
        } finally {
            Files.deleteIfExists(report);
        }
    }

    @Test
    void shouldTakeRelativePathsAndVariablesFromEachCallerItself(Fcvm fcvm, Place place) {
        try (var user = new Supervised(fcvm)) {
            for (String name : List.of("one", "other")) {
                Path directory = place.directory(name);
                place.file(name + "/fcvm.yml", "memory-of-nobody: 1\n");
                Outcome outcome = user.call("config", "show")
                        .env("FCVM_CONFIG", "fcvm.yml")
                        .in(directory)
                        .run();

                assertThat(outcome.err()).contains(directory + "/fcvm.yml");
            }
        }
    }

    @Test
    void shouldReadAFileThatIsADescriptorOfTheCallers(Fcvm fcvm, Place place) {
        try (var user = new Supervised(fcvm)) {
            Outcome outcome = user.supervised(
                            fcvm.through("--env-file <(echo '=broken') no/such:image", new String[] {"run", "--rm"}))
                    .run();

            assertThat(outcome.expect(125).err()).contains("--env-file /proc/");
        }
    }

    @Test
    void shouldSayWhatTheCallersOutputRefused(Fcvm fcvm) {
        try (var user = new Supervised(fcvm)) {
            Outcome outcome = user.supervised(fcvm.through(">/dev/full", new String[] {"images"}))
                    .run();

            assertThat(outcome.expect(125).err())
                    .isEqualTo("Error: cannot write the output: No space left on device\n");
        }
    }

    @Test
    void shouldReadTheCallersInputWhenTheCommandAsks(Fcvm fcvm) {
        try (var user = new Supervised(fcvm)) {
            Outcome outcome = user.call("image", "prune")
                    .stdin("n\n".getBytes(StandardCharsets.UTF_8))
                    .run();

            assertThat(outcome.expect(0).err()).contains("Are you sure?");
        }
    }

    @Test
    void shouldClearValuesOfVariablesFromItsCommandLine(Fcvm fcvm, Place place) throws IOException {
        Path pipe = place.root().resolve("pipe");
        try (var user = new Supervised(fcvm)) {
            Child.of("mkfifo", pipe.toString()).run().expect(0);
            try (Child child = user.call(
                            "run",
                            "-e",
                            "ONE=hidden1",
                            "--env=TWO=hidden2",
                            "-ieTHREE=hidden3",
                            "--podman-arg=--env=FOUR=hidden4",
                            "--label-file",
                            pipe.toString(),
                            "no/such:image")
                    .start()) {
                // Opening the pipe waits until the command, which has all its arguments, reads from it.
                String line;
                try (var writer = Files.newOutputStream(pipe)) {
                    line = Files.readString(Path.of("/proc/" + child.pid() + "/cmdline"));
                    writer.write("a=b\n".getBytes(StandardCharsets.UTF_8));
                }
                assertThat(line).contains("ONE=", "TWO=", "THREE=", "FOUR=").doesNotContain("hidden");
                child.outcome();
            }
        }
    }

    @Test
    void shouldStartAnotherWhenTheSupervisorWasKilled(Fcvm fcvm) {
        try (var user = new Supervised(fcvm)) {
            user.run("ps").expect(0);
            ProcessHandle first = user.process();
            Path socket = user.socket();
            first.destroyForcibly();
            first.onExit().join();

            assertThat(socket).exists();
            user.run("ps").expect(0);
            assertThat(user.process().pid()).isNotEqualTo(first.pid());
        }
    }

    @Test
    void shouldEndWithAReasonWhenTheSupervisorIsKilledUnderItsCommand(Fcvm fcvm, Place place) throws IOException {
        Path pipe = place.root().resolve("pipe");
        try (var user = new Supervised(fcvm)) {
            user.run("ps").expect(0);
            ProcessHandle supervisor = user.process();
            try (Child child = waiting(user, pipe);
                    var _ = Files.newOutputStream(pipe)) {
                supervisor.destroyForcibly();

                assertThat(child.outcome().expect(125).err()).contains("the supervisor has ended before the command");
            }
        }
    }

    @Test
    void shouldReplaceTheSupervisorAfterAnUpgradeAndLetItFinishWhatItRuns(Fcvm fcvm, Place place) throws IOException {
        Path pipe = place.root().resolve("pipe");
        try (var user = new Supervised(fcvm)) {
            user.run("ps").expect(0);
            ProcessHandle old = user.process();
            try (Child running = waiting(user, pipe)) {
                try (var writer = Files.newOutputStream(pipe)) {
                    Path upgraded = Supervised.upgraded(place);
                    Outcome outcome = user.supervised(Child.of(upgraded.toString(), "ps")
                                    .env("HOME", fcvm.home().toString())
                                    .env("FCVM_DATA_DIR", fcvm.data().toString())
                                    .env("XDG_RUNTIME_DIR", fcvm.runtime().toString()))
                            .run();

                    outcome.expect(0);
                    assertThat(user.all()).hasSize(2);
                    assertThat(old.isAlive()).isTrue();
                    writer.write("a=b\n".getBytes(StandardCharsets.UTF_8));
                }
                assertThat(running.outcome().expect(125).err()).contains("no/such");
                old.onExit().join();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--net", "--mount"})
    void shouldHaveASupervisorOfItsOwnInOtherNamespaces(String namespace, Fcvm fcvm) {
        try (var user = new Supervised(fcvm)) {
            user.run("ps").expect(0);
            long first = user.process().pid();
            String program = "\"$@\" ps >/dev/null && \"$@\" supervisor status && \"$@\" supervisor stop";
            Outcome outcome = user.call()
                    .inside("unshare", "--user", "--map-root-user", namespace, "sh", "-c", program, "sh")
                    .run();

            assertThat(outcome.expect(0).out()).contains("process").doesNotContain("process   " + first + "\n");
        }
    }

    @Test
    void shouldServeWhereItsLogHasNoRoomAndSayLaterThatSomethingIsMissing(Fcvm fcvm) {
        try (var user = new Supervised(fcvm)) {
            user.run("ps").expect(0);
            String program = """
                    mount -t tmpfs -o mode=0700,size=64k none "$XDG_RUNTIME_DIR"
                    head -c 1m /dev/zero >"$XDG_RUNTIME_DIR/all" 2>/dev/null
                    "$@" ps >/dev/null && "$@" images >/dev/null || exit 1
                    rm "$XDG_RUNTIME_DIR/all"
                    "$@" supervisor status >/dev/null && "$@" supervisor stop >/dev/null || exit 2
                    while ! grep -q "has ended" "$XDG_RUNTIME_DIR"/fcvm/*.log; do sleep 0.01; done
                    cat "$XDG_RUNTIME_DIR"/fcvm/*.log""";
            Outcome outcome = user.call()
                    .inside("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", program, "sh")
                    .run();

            assertThat(outcome.expect(0)
                            .out()
                            .lines()
                            .filter(line -> !line.isEmpty())
                            .map(line -> line.replaceFirst("^\\S+ ", "")))
                    .containsExactly(
                            "1 entries could not be written here: No space left on device",
                            "ends: it was told to stop",
                            "has ended");
        }
    }

    @Test
    void shouldTakeThePlaceOfOneThatACommandHasStartedWhenAServiceManagerStartsIt(Fcvm fcvm) throws Exception {
        try (var user = new Supervised(fcvm)) {
            user.run("ps").expect(0);
            ProcessHandle first = user.process();
            try (Child service = user.call("supervisor", "run").start()) {
                service.awaitErr("serves ");
                first.onExit().get(60, TimeUnit.SECONDS);
                assertThat(user.process().pid()).isEqualTo(service.pid());
                service.signal("TERM");
                service.outcome().expect(0);
            }
        }
    }

    @Test
    void shouldRunTheCommandItselfWhereItIsToldTo(Fcvm fcvm) {
        try (var user = new Supervised(fcvm)) {
            fcvm.run("ps").expect(0);

            assertThat(user.all()).isEmpty();
            assertThat(user.run("supervisor", "status").expect(3).err()).isEqualTo("no supervisor is running\n");
            user.run("ps").expect(0); // its files are what closing takes away
        }
    }

    @Test
    void shouldNotServeAnotherUserWhoGetsAsFarAsItsSocket(Fcvm fcvm) throws IOException {
        assumeTrue(OrdinaryUser.possible(), "only root may make a user");
        try (var user = new Supervised(fcvm);
                OrdinaryUser other = OrdinaryUser.make()) {
            user.run("ps").expect(0);
            Path socket = user.socket();
            String connect = "use Socket; $SIG{PIPE} = \"IGNORE\"; socket(S, AF_UNIX, SOCK_STREAM, 0); connect(S,"
                    + " pack_sockaddr_un($ARGV[0])) or die $!; syswrite(S, \"\\1\\0\\0\\0\\5fcvm\\1\"); print"
                    + " sysread(S, my $answer, 1) || 0";
            Child.Call call =
                    Child.of(Stream.concat(other.prefix().stream(), Stream.of("perl", "-e", connect, socket.toString()))
                            .toList());
            assertThat(call.run().err()).contains("Permission denied");
            for (Path path = socket; path != null; path = path.getParent()) {
                if (path.startsWith(fcvm.place().root())) {
                    Child.of("chmod", "a+rwx", path.toString()).run().expect(0);
                }
            }
            Outcome outcome = call.run();

            assertThat(outcome.err()).isEmpty();
            assertThat(outcome.out()).as("bytes of an answer").isEqualTo("0");
            user.run("ps").expect(0);
            assertThat(Files.getAttribute(Objects.requireNonNull(socket.getParent()), "unix:mode"))
                    .as("the launcher closes the directory again")
                    .isEqualTo(040700);
        }
    }
}
