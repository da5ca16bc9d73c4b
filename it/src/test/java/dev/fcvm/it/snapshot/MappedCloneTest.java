package dev.fcvm.it.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fcvm.host.file.DirectoryTree;
import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Complaint;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.TestImages;
import dev.fcvm.it.supervisor.Supervised;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** Snapshots, clones and suspensions of machines with mapped directories and volumes. */
@MachineTest
@Timeout(300)
class MappedCloneTest {

    /** Has a file open in each place, and writes to all when it is asked. */
    private static final String KEEPER = """
            cd /m; mkfifo /tmp/ask /tmp/answer
            exec 5>>back/open 6>>none/open 7>>volume/open 8>>live/open
            echo born
            while :; do read word </tmp/ask; for fd in 5 6 7 8; do echo $word >&$fd; done; echo $? >/tmp/answer; done
            """;

    private Path place = Path.of("");

    @BeforeEach
    void aDirectoryOfEachKind(Fcvm fcvm, TestInfo test) throws Exception {
        assumeTrue(fcvm.lane().isFirecracker(), "seen to on Firecracker: nothing in it is the monitor's");
        place = fcvm.place().directory(test.getTestMethod().orElseThrow().getName());
        for (String name : new String[] {"back", "none", "fixed", "live", "more"}) {
            Files.writeString(Files.createDirectories(place.resolve(name)).resolve("log"), "made\n");
        }
    }

    @Test
    void shouldHaveCopiesOfTheirOwnAndLiveDirectoriesTogether(Fcvm fcvm, Archives archives) throws Exception {
        try (var user = new Supervised(fcvm)) {
            source(user, archives);
            shell(user, "source", "for m in back none volume live; do echo source >>/m/$m/log; done");
            ask(user, "source", "before");
            user.run("snapshot", "create", "-q", "source", "moment").expect(0);
            ask(user, "source", "after");
            user.run("clone", "moment", "--name", "one", "-d", "-v", place.resolve("more") + ":/m/more:ro")
                    .expect(0);

            assertThat(shell(user, "one", "cd /m; cat back/open none/open volume/open"))
                    .as("as it was when it was saved")
                    .isEqualTo("before\nbefore\nbefore\n");
            ask(user, "one", "clone");
            assertThat(shell(user, "one", "cd /m; cat back/open; cat fixed/log more/log; echo x >more/log || echo $?"))
                    .isEqualTo("before\nclone\nmade\nmade\n1\n");
            assertThat(place.resolve("live/open"))
                    .as("one directory for all, and what is open in it stays open")
                    .hasContent("before\nafter\nclone");
            assertThat(shell(user, "source", "cd /m; cat back/open volume/open"))
                    .isEqualTo("before\nafter\nbefore\nafter\n");
            assertThat(user.run("volume", "ls", "-q").expect(0).out())
                    .as("a clone's copy is no volume")
                    .isEqualTo("data\n");
            Complaint.alone(user.run("snapshot", "create", "-q", "one", "never"), "fcvm unmap it first");
            goesToAnotherHost(user);

            user.run("stop", "-t", "0", "one").expect(0);
            assertThat(place.resolve("back/open")).hasContent("before\nclone");
            assertThat(place.resolve("back/log")).hasContent("made\nsource");
            user.run("start", "one").expect(0);
            assertThat(shell(user, "one", "cd /m; cat back/open none/open volume/open"))
                    .as("each copy is there when it boots")
                    .startsWith("before\nclone\nbefore\nclone\nbefore\nclone\n");
            user.run("rm", "-f", "one", "source").expect(0);
            assertThat(Files.readString(place.resolve("back/open")))
                    .as("both have changed it")
                    .isEqualTo("before\nclone\n");
            assertThat(place.resolve("back").toFile().list())
                    .as("what the source wrote is beside it")
                    .hasSizeGreaterThan(2);

            Files.move(place.resolve("back"), place.resolve("away"));
            Complaint.alone(user.run("clone", "moment", "-d"), place.resolve("back") + ": no such file or directory");
            user.run("snapshot", "rm", "moment").expect(0);
            user.run("volume", "rm", "data").expect(0);
        }
    }

    @Test
    void shouldSleepWithWhatTheyHaveAndGoOnWithIt(Fcvm fcvm, Archives archives) throws Exception {
        try (var user = new Supervised(fcvm)) {
            source(user, archives);
            ask(user, "source", "before");
            user.run("suspend", "source").expect(0);

            assertThat(place.resolve("back/open")).as("its end is to come").doesNotExist();
            user.run("volume", "sync", "source").expect(0);
            assertThat(place.resolve("back/open")).hasContent("before");
            assertThat(place.resolve("none/open")).hasContent("before");
            Complaint.alone(
                    user.run("run", "--rm", "-v", "data:/d", "oci-archive:" + archives.ociArchive(TestImages.plain())),
                    "volume data is in use by machine");
            assertThat(user.run("volume", "rm", "data").expect(2).err()).contains("source: volume is being used");
            assertThat(user.run("volume", "prune", "-f").expect(0).out()).isEmpty();

            ProcessHandle supervisor = user.process();
            supervisor.destroyForcibly();
            supervisor.onExit().join();
            assertThat(user.run("ps", "-a", "--format", "{{.State}}").expect(0).out())
                    .isEqualTo("suspended\n");
            Files.move(place.resolve("live"), place.resolve("away"));
            Complaint.alone(user.run("resume", "source"), place.resolve("live") + " ");
            Files.move(place.resolve("away"), place.resolve("live"));
            ask(user, "source", "after");
            assertThat(shell(user, "source", "cd /m; cat back/open none/open volume/open live/open"))
                    .as("what was open stays open")
                    .isEqualTo("before\nafter\n".repeat(4));

            ask(user, "source", "last");
            user.run("suspend", "source").expect(0);
            user.run("rm", "source").expect(0);
            assertThat(place.resolve("back/open")).hasContent("before\nafter\nlast");
            user.run("volume", "rm", "data").expect(0);
        }
    }

    /** Where only the live directory and the one whose changes come back are needed. */
    private void goesToAnotherHost(Supervised user) throws Exception {
        String file = place.resolve("moment.snapshot").toString();
        user.run("snapshot", "export", "moment", "-o", file).expect(0);
        Path away = Files.createDirectory(place.resolve("away"));
        for (String name : List.of("back", "fixed", "none", "live")) {
            Files.move(place.resolve(name), away.resolve(name));
        }
        try (Fcvm there = Fcvm.create();
                var other = new Supervised(there)) {
            assertThat(other.run("snapshot", "import", file).expect(0).err())
                    .contains(place.resolve("live") + " on this host", place.resolve("back") + " on this host")
                    .hasLineCount(2);
            Complaint.alone(other.run("clone", "moment", "-d"), place.resolve("back") + ": no such file or directory");
            Files.createDirectory(place.resolve("back"));
            Files.move(away.resolve("live"), place.resolve("live"));
            other.run("clone", "moment", "--name", "here", "-d", "--rm").expect(0);
            assertThat(shell(other, "here", "cd /m; cat back/open none/open volume/open fixed/log"))
                    .isEqualTo("before\nbefore\nbefore\nmade\n");
            ask(other, "here", "there");
            other.run("rm", "-f", "here").expect(0);
            assertThat(place.resolve("back").toFile().list())
                    .as("what it changed came back, beside a directory that has nothing of it")
                    .isNotEmpty();
        }
        DirectoryTree.delete(place.resolve("back"));
        for (String name : List.of("back", "fixed", "none")) {
            Files.move(away.resolve(name), place.resolve(name));
        }
        Files.delete(away);
    }

    private void source(Supervised user, Archives archives) {
        user.run(
                        "run",
                        "-d",
                        "-m",
                        "64m",
                        "--name",
                        "source",
                        "--map",
                        place + "/back:/m/back",
                        "--map",
                        place + "/none:/m/none,sync=none",
                        "--map",
                        place + "/fixed:/m/fixed:ro",
                        "--map",
                        place + "/live:/m/live,mode=sshfs",
                        "-v",
                        "data:/m/volume:size=64m",
                        "--wait-ready",
                        "mode=log,pattern=born",
                        "oci-archive:" + archives.ociArchive(TestImages.plain()),
                        "sh",
                        "-c",
                        KEEPER)
                .expect(0);
    }

    private static void ask(Supervised user, String machine, String word) {
        assertThat(shell(user, machine, "echo " + word + " >/tmp/ask; cat /tmp/answer"))
                .isEqualTo("0\n");
    }

    private static String shell(Supervised user, String machine, String script) {
        return user.run("exec", machine, "sh", "-c", script).expect(0).out();
    }
}
