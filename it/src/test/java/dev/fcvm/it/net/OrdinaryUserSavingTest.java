package dev.fcvm.it.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.OrdinaryUser;
import dev.fcvm.it.supervisor.Supervised;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What is saved of machines, and goes on, as a user without privileges. Takes half a minute or more, and is in no lane:
 * {@code FCVM_TEST_ONLY=OrdinaryUserSavingTest scripts/test.sh firecracker}, or {@code qemu}.
 */
@Timeout(600)
final class OrdinaryUserSavingTest extends InTown {

    private Path shared = Path.of("");

    @Override
    String mode() {
        return "rootless";
    }

    @Override
    Fcvm user() {
        return Fcvm.of(opened(OrdinaryUser.make()));
    }

    @Override
    String callerFromLoopback(String answer) {
        return "10.0.2.2";
    }

    @BeforeAll
    void directories() throws Exception {
        shared = fcvm.place().directory("shared");
        for (String name : List.of("back", "live", "more")) {
            Files.writeString(Files.createDirectory(shared.resolve(name)).resolve("log"), "made\n");
        }
        Child.of("chown", "-R", "--reference=" + fcvm.data(), shared.toString())
                .run()
                .expect(0);
    }

    @Test
    void shouldSleepWithWhatItHasAndWakeForWhoeverWantsItAndBeCloned() throws Exception {
        try (var user = new Supervised(home)) {
            run(
                    user,
                    "source",
                    "-p",
                    "8085:80",
                    "-v",
                    "data:/data:size=64m",
                    "--map",
                    shared + "/back:/back",
                    "--map",
                    shared + "/live:/live,mode=sshfs");
            shell(user, "source", "for d in data back live; do echo one >>/$d/log; done");
            user.run("snapshot", "create", "-q", "source", "moment").expect(0);
            user.run("suspend", "source").expect(0);
            assertThat(town.host().http("127.0.0.1", 8085))
                    .as("woken by a caller")
                    .startsWith("200 guest");
            user.run("suspend", "source").expect(0);
            assertThat(shell(user, "source", "cat /data/log /back/log /live/log"))
                    .as("woken by exec")
                    .isEqualTo("one\nmade\none\nmade\none\n");
            user.run("suspend", "source").expect(0);
            try (Child attached = user.call("attach", "--no-stdin", "source").start()) {
                home.await(attached, _ -> !user.run("ps", "-q").out().isEmpty());
                attached.signal("KILL");
                attached.closed();
            }

            user.run("clone", "moment", "--name", "twin", "-p", "8086:80", "-v", shared + "/more:/more", "-d")
                    .expect(0);
            assertThat(town.host().http("127.0.0.1", 8086)).startsWith("200 guest");
            assertThat(shell(user, "twin", "cat /data/log /back/log /live/log /more/log"))
                    .isEqualTo("one\nmade\none\nmade\none\nmade\n");
            user.run("rm", "-f", "source", "twin").expect(0);
            assertThat(shared.resolve("back/log")).hasContent("made\none");
            user.run("snapshot", "rm", "moment").expect(0);
            user.run("volume", "rm", "data").expect(0);
        }
    }

    @Test
    void shouldBeSuspendedByItselfAndGoOnFromAMachineThatIsReady() {
        try (var user = new Supervised(home);
                Child events = user.call("events", "--filter", "event=suspend").start()) {
            run(user, "first", "--warm", "--suspend-after", "2s", "-p", "8085:80");
            run(user, "second", "--warm", "--suspend-after", "2s", "-p", "8086:80");
            assertThat(user.run("logs", "second").expect(0).out())
                    .as("it does not start anew")
                    .isEmpty();
            events.awaitOut("name=first");
            events.awaitOut("name=second");
            assertThat(town.host().http("127.0.0.1", 8085)).startsWith("200 guest");
            assertThat(town.host().http("127.0.0.1", 8086)).startsWith("200 guest");
            user.run("rm", "-f", "first", "second").expect(0);
            for (String name : user.run("snapshot", "ls", "-q").out().lines().toList()) {
                user.run("snapshot", "rm", name).expect(0);
            }
        }
    }

    private void run(Supervised user, String name, String... flags) {
        List<String> words =
                new ArrayList<>(List.of("run", "-d", "-m", "64m", "--mode", mode(), "--network", "default", "--name"));
        words.add(name);
        words.addAll(List.of("--wait-ready", "mode=log,pattern=ready"));
        words.addAll(List.of(flags));
        words.addAll(List.of(image, "/bin/serve"));
        user.run(words.toArray(String[]::new)).expect(0);
    }

    private static String shell(Supervised user, String machine, String script) {
        return user.run("exec", machine, "sh", "-c", script).expect(0).out();
    }
}
