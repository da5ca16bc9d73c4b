package dev.fcvm.it.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.TestImages;
import dev.fcvm.it.supervisor.Supervised;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** {@code fcvm snapshot} and {@code fcvm clone}, on real machines. */
@MachineTest
@Timeout(300)
class SnapshotTest {

    /**
     * Has a count in its memory, which it adds to and tells when it is asked; and writes files all along, each with its
     * checksum in its first line, so that whoever opens one has a whole one at any moment.
     */
    private static final String COUNTER = """
            mkfifo /tmp/ask /tmp/answer; mkdir /tmp/files
            ( i=0; while :; do i=$((i+1)); head -c 50000 /dev/urandom >/tmp/part
              { md5sum </tmp/part; cat /tmp/part; } >/tmp/whole; mv /tmp/whole /tmp/files/f$((i % 9)); done ) &
            n=$(head -c 4 /dev/urandom | od -A n -t u4 | tr -d ' '); echo born $n
            while :; do read asked </tmp/ask; n=$((n+1)); echo $n >/tmp/answer; done
            """;

    private static final String ASK = "echo >/tmp/ask; cat /tmp/answer";

    /** Fails when there is a file that is not whole. */
    private static final String SUMS = "for f in /tmp/files/f*; do"
            + " { read sum; [ \"$sum\" = \"$(md5sum)\" ]; } <$f || { echo $f; exit 1; }; done";

    private static final String SELF = "cat /proc/sys/kernel/random/uuid; head -c 16 /dev/urandom | md5sum; hostname;"
            + " cat /run/.fcvm/id; sed -n 's/.*127.0.1.1[^a-z0-9]*//p' /etc/hosts";

    @BeforeEach
    void allButOneOnFirecracker(Fcvm fcvm, TestInfo test) {
        boolean ofQemu = test.getTestMethod().orElseThrow().getName().equals("shouldGoOnInQemuFromOneMomentToo");
        assumeTrue(ofQemu || fcvm.lane().isFirecracker(), "seen to on Firecracker: nothing in it is the monitor's");
        assumeTrue(!ofQemu || !fcvm.lane().isFirecracker(), "the other tests here are Firecracker's");
    }

    @Test
    void shouldGoOnInQemuFromOneMomentToo(Fcvm fcvm, Archives archives) {
        try (var user = new Supervised(fcvm)) {
            source(user, archives);
            long asked = ask(user, "source");
            user.run("snapshot", "create", "source", "moment").expect(0);
            user.run("clone", "source", "--name", "one", "--snapshot", "moment", "-d")
                    .expect(0);

            assertThat(ask(user, "source")).as("the source goes on").isEqualTo(asked + 1);
            assertThat(ask(user, "one")).as("from what was saved").isEqualTo(asked + 1);
            List<String> source = shell(user, "source", SELF).lines().toList();
            List<String> one = shell(user, "one", SELF).lines().toList();
            assertThat(one).hasSize(5);
            for (int line = 0; line < 5; line++) {
                assertThat(one.get(line)).isNotEqualTo(source.get(line));
            }
            assertThat(shell(user, "one", SUMS)).isEmpty();
            user.run("snapshot", "rm", "moment").expect(0);
            user.run("rm", "-f", "source", "one").expect(0);
        }
    }

    @Test
    void shouldMakeMachinesOfTheirOwnThatGoOnFromOneMoment(Fcvm fcvm, Archives archives) {
        try (var user = new Supervised(fcvm)) {
            source(user, archives);
            long asked = ask(user, "source");
            assertThat(user.run("snapshot", "create", "source", "moment")
                            .expect(0)
                            .err())
                    .contains("secrets in the memory of source");
            user.run("snapshot", "create", "source", "moment").expect(125);
            user.run("clone", "source", "--name", "one", "--snapshot", "moment", "-d", "-e", "GIVEN=yes")
                    .expect(0);
            user.run("clone", "moment", "--name", "two", "-d", "--hostname", "second")
                    .expect(0);
            user.run("clone", "one", "--name", "three", "-d").expect(0);

            assertThat(ask(user, "source")).as("the source goes on").isEqualTo(asked + 1);
            assertThat(ask(user, "one")).as("from what was saved").isEqualTo(asked + 1);
            assertThat(ask(user, "two")).isEqualTo(asked + 1);
            assertThat(ask(user, "two")).as("each by itself").isEqualTo(asked + 2);
            assertThat(ask(user, "three")).as("a clone of a clone").isEqualTo(asked + 1);

            List<List<String>> selves = Stream.of("source", "one", "two", "three")
                    .map(machine -> shell(user, machine, SELF).lines().toList())
                    .toList();
            assertThat(selves).allSatisfy(self -> assertThat(self).hasSize(5));
            for (int line = 0; line < 5; line++) {
                int which = line;
                assertThat(selves.stream().map(self -> self.get(which))).doesNotHaveDuplicates();
            }
            assertThat(selves.get(2)).contains("second");
            assertThat(Stream.of("source", "one", "two", "three")
                            .map(machine -> user.run("exec", "--vm", machine, "cat", "/etc/machine-id")
                                    .expect(0)
                                    .out()))
                    .doesNotHaveDuplicates();
            long now = Instant.now().getEpochSecond();
            for (String machine : List.of("source", "one", "two", "three")) {
                assertThat(shell(user, machine, SUMS)).isEmpty();
                assertThat(Long.parseLong(shell(user, machine, "date +%s").strip()))
                        .isBetween(now - 5, now + 60);
            }
            assertThat(shell(user, "one", "echo $GIVEN")).isEqualTo("yes\n");
            assertThat(user.run("logs", "one").expect(0).out())
                    .as("what it wrote itself")
                    .isEmpty();

            assertThat(user.run("rmi", plain(archives)).expect(125).err()).contains("a snapshot");
            user.run("snapshot", "rm", "moment").expect(0);
            user.run("exec", "two", "touch", "/kept").expect(0);
            user.run("stop", "-t", "0", "two").expect(0);
            assertThat(ask(user, "one")).as("one that stops leaves the others").isEqualTo(asked + 2);
            user.run("start", "two").expect(0);
            user.run("exec", "two", "test", "-e", "/kept").expect(0);
            assertThat(user.run("ps").expect(0).out()).contains("source", "one", "two", "three");
            user.run("rm", "-f", "source", "one", "two", "three").expect(0);
        }
    }

    @Test
    void shouldRefuseWhatIsNotWhatWasSaved(Fcvm fcvm, Archives archives) throws Exception {
        try (var user = new Supervised(fcvm)) {
            user.run("run", "-d", "-m", "64m", "--rm", "--name", "source", plain(archives), "sleep", "1000")
                    .expect(0);
            user.run("snapshot", "create", "source", "moment").expect(0);
            Path files = fcvm.data().resolve("snapshots/moment");
            for (String name : List.of("state", "memory", "scratch.ext4", "spec.json", "manifest.json")) {
                alter(files.resolve(name));
                assertThat(user.run("clone", "moment", "--name", "never", "-d")
                                .expect(125)
                                .err())
                        .as(name)
                        .contains("the snapshot moment cannot be used: ")
                        .hasLineCount(1);
                alter(files.resolve(name));
            }
            user.run("clone", "moment", "--name", "again", "-d", "--rm").expect(0);
            user.run("rm", "-f", "source", "again").expect(0);
            Files.delete(files.resolve("state"));
            assertThat(user.run("snapshot", "prune").expect(0).out()).isEqualTo("moment\n");
        }
    }

    @Test
    void shouldGoOnFromWhereItWasSuspended(Fcvm fcvm, Archives archives) throws Exception {
        try (var user = new Supervised(fcvm)) {
            source(user, archives);
            long asked = ask(user, "source");
            String id = user.run("exec", "--vm", "source", "cat", "/etc/machine-id")
                    .expect(0)
                    .out();
            user.run("exec", "source", "touch", "/made").expect(0);
            user.run("suspend", "source").expect(0);
            assertThat(user.run("ps", "-q").expect(0).out()).isEmpty();
            assertThat(user.run("ps", "-a").expect(0).out()).contains("Suspended");
            assertThat(user.run("stop", "source").expect(125).err()).contains("fcvm resume source");
            // It needs nobody meanwhile.
            user.stop();

            long now = Instant.now().getEpochSecond();
            user.run("resume", "source").expect(0);
            assertThat(ask(user, "source")).isEqualTo(asked + 1);
            assertThat(Long.parseLong(shell(user, "source", "date +%s").strip()))
                    .isBetween(now, now + 60);
            assertThat(shell(user, "source", SUMS)).isEmpty();
            user.run("exec", "source", "test", "-e", "/made").expect(0);
            assertThat(user.run("exec", "--vm", "source", "cat", "/etc/machine-id")
                            .expect(0)
                            .out())
                    .as("it is the machine it was")
                    .isEqualTo(id);
            assertThat(user.run("logs", "source").expect(0).out())
                    .startsWith("born")
                    .hasLineCount(1);
            assertThat(user.run("resume", "source").expect(125).err()).contains("is not suspended");

            user.run("suspend", "source").expect(0);
            List<Child> callers = List.of(
                    user.call("exec", "source", "cat", "/made").start(),
                    user.call("cp", "source:/made", "-").start(),
                    user.call("exec", "source", "cat", "/made").start());
            callers.forEach(caller -> caller.outcome().expect(0));
            assertThat(ask(user, "source")).as("who wants it wakes it").isEqualTo(asked + 2);

            user.run("suspend", "source").expect(0);
            breakMemory(fcvm);
            assertThat(user.run("exec", "source", "true").expect(125).err()).contains("cannot be used");
            assertThat(user.run("ps", "-a").expect(0).out()).contains("Suspended (not woken: ");
            assertThat(user.run("events", "--stream=false", "--filter", "event=suspend")
                            .expect(0)
                            .out())
                    .contains("cannot be used");
            breakMemory(fcvm);
            user.run("start", "source").expect(0);
            assertThat(ask(user, "source")).as("a last time").isEqualTo(asked + 3);
            user.run("suspend", "source").expect(0);
            user.run("rm", "source").expect(0);
        }
    }

    @Test
    void shouldGoOnFromAMachineOfTheSameKindThatIsReady(Fcvm fcvm, Archives archives) throws Exception {
        try (var user = new Supervised(fcvm)) {
            assertThat(warm(user, archives, "one")).isEmpty();
            String snapshot = warmRuns(user);
            assertThat(snapshot).matches("warm-run-[0-9a-f]{24}");
            long asked = ask(user, "one");

            assertThat(warm(user, archives, "two")).isEmpty();
            assertThat(ask(user, "two")).as("from when the first was ready").isEqualTo(asked);
            assertThat(shell(user, "two", SELF)).isNotEqualTo(shell(user, "one", SELF));
            assertThat(user.run("logs", "two").expect(0).out())
                    .as("it does not start anew")
                    .isEmpty();

            Path memory = fcvm.data().resolve("snapshots").resolve(snapshot).resolve("memory");
            alter(memory);
            assertThat(warm(user, archives, "three"))
                    .contains("what --warm has saved cannot be used, and the machine boots");
            assertThat(user.run("logs", "three").expect(0).out()).startsWith("born ");
            assertThat(warmRuns(user)).as("made anew").isEqualTo(snapshot);
            user.run("rm", "-f", "one", "two", "three").expect(0);
            user.run("snapshot", "rm", snapshot).expect(0);
        }
    }

    /** Returns the snapshots that --warm has made; other tests have theirs. */
    private static String warmRuns(Supervised user) {
        return user.run("snapshot", "ls", "-q")
                .expect(0)
                .out()
                .lines()
                .filter(name -> name.startsWith("warm-run-"))
                .collect(Collectors.joining(" "));
    }

    /** Runs the machine that counts, warm; returns what is said on standard error. */
    private static String warm(Supervised user, Archives archives, String name) {
        return user.run(
                        "run",
                        "-d",
                        "-m",
                        "64m",
                        "--name",
                        name,
                        "--warm",
                        "--wait-ready",
                        "mode=log,pattern=born",
                        plain(archives),
                        "sh",
                        "-c",
                        COUNTER)
                .expect(0)
                .err();
    }

    @Test
    void shouldTakeASnapshotToAnotherHostInOneFile(Fcvm fcvm, Archives archives) throws Exception {
        Path file = fcvm.place().root().resolve("moment.snapshot");
        try (var user = new Supervised(fcvm)) {
            source(user, archives);
            long asked = ask(user, "source");
            user.run("snapshot", "create", "-q", "source", "moment").expect(0);
            user.run("snapshot", "export", "moment", "-o", file.toString()).expect(0);
            assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
            assertThat(user.run("snapshot", "import", file.toString())
                            .expect(125)
                            .err())
                    .contains("there is a snapshot \"moment\" already");
            user.run("rm", "-f", "source").expect(0);
            try (Fcvm there = Fcvm.create();
                    var other = new Supervised(there)) {
                assertThat(other.run("snapshot", "import", "--name", "theirs", file.toString())
                                .expect(0)
                                .out())
                        .isEqualTo("theirs\n");
                other.run("clone", "theirs", "--name", "here", "-d", "--rm").expect(0);
                assertThat(ask(other, "here")).isEqualTo(asked + 1);
                assertThat(shell(other, "here", SUMS)).isEmpty();
                other.run("rm", "-f", "here").expect(0);
            }
        }
    }

    @Test
    void shouldLeaveAWholeSnapshotOrNoneWhenItsMakerIsKilled(Fcvm fcvm, Archives archives) throws Exception {
        try (var user = new Supervised(fcvm)) {
            source(user, archives);
            long asked = ask(user, "source");
            // While the monitor writes, and while what it wrote is copied.
            for (String moment : List.of("machines", "snapshots")) {
                Child saving =
                        user.call("snapshot", "create", "source", "moment").start();
                fcvm.await(saving, _ -> hasFile(fcvm.data().resolve(moment), "memory"));
                user.process().destroyForcibly();
                saving.outcome();
                String listed = user.run("snapshot", "ls", "-q").expect(0).out();
                assertThat(listed).isIn("", "moment\n");
                user.run("snapshot", "rm", "-f", "moment").expect(0);
                assertThat(ask(user, "source")).as("the machine goes on").isEqualTo(++asked);
                assertThat(fcvm.data().resolve("snapshots")).isEmptyDirectory();
            }
            user.run("snapshot", "create", "source", "moment").expect(0);
            user.run("snapshot", "rm", "moment").expect(0);
            user.run("rm", "-f", "source").expect(0);
        }
    }

    /** Makes the machine that counts; it can be asked when this returns. */
    static void source(Supervised user, Archives archives) {
        user.run(
                        "run",
                        "-d",
                        "-m",
                        "64m",
                        "--name",
                        "source",
                        "--wait-ready",
                        "mode=log,pattern=born",
                        plain(archives),
                        "sh",
                        "-c",
                        COUNTER)
                .expect(0);
    }

    static long ask(Supervised user, String machine) {
        return Long.parseLong(shell(user, machine, ASK).strip());
    }

    private static String shell(Supervised user, String machine, String script) {
        return user.run("exec", machine, "sh", "-c", script).expect(0).out();
    }

    private static String plain(Archives archives) {
        return "oci-archive:" + archives.ociArchive(TestImages.plain());
    }

    /** Changes a byte of the memory of the one machine that is suspended; a second time it is as it was. */
    private static void breakMemory(Fcvm fcvm) throws IOException {
        try (Stream<Path> files = Files.walk(fcvm.data().resolve("machines"))) {
            alter(files.filter(file -> file.endsWith("memory/memory"))
                    .findFirst()
                    .orElseThrow());
        }
    }

    /** Changes one byte in the middle; a second time it is as it was. */
    private static void alter(Path file) throws IOException {
        try (var opened = new java.io.RandomAccessFile(file.toFile(), "rw")) {
            long at = opened.length() / 2;
            opened.seek(at);
            int before = opened.read();
            opened.seek(at);
            opened.write(before ^ 1);
        }
    }

    static boolean hasFile(Path directory, String name) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.anyMatch(file -> file.endsWith(name));
        } catch (IOException | java.io.UncheckedIOException changing) {
            LockSupport.parkNanos(1_000_000);
            return false;
        }
    }
}
