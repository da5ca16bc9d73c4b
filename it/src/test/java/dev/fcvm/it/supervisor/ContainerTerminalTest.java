package dev.fcvm.it.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.it.harness.Archives;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Fcvm;
import dev.fcvm.it.harness.MachineTest;
import dev.fcvm.it.harness.Place;
import dev.fcvm.it.harness.TestImages;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** A container's terminal, used by somebody who sits before a real one: tmux shows what would be on the screen. */
@MachineTest
class ContainerTerminalTest {

    private static final String NAME = "screen";

    /** Lines are edited, keys are shown, and some of them are signals. */
    private static final String SANE = ".* icrnl .* opost .* isig icanon .* echo .*";

    @Test
    void shouldBeATerminalForProgramsThatFillTheScreenAndLeaveTheUsersOwnAsItWas(Fcvm fcvm, Archives archives)
            throws IOException {
        try (var user = new Supervised(fcvm);
                var screen = new Screen(
                        fcvm,
                        user.call(
                                "run",
                                "-it",
                                "--name",
                                NAME,
                                "oci-archive:" + archives.ociArchive(TestImages.plain()),
                                "/bin/sh"))) {
            screen.awaitPrompt();
            screen.type("stty size", "Enter").await(shown -> shown.contains("24 80\n"));
            screen.resize(100, 30);
            screen.type("stty size", "Enter").await(shown -> shown.contains("30 100\n"));

            screen.type("vi /note", "Enter").await(shown -> shown.contains("~\n~\n") && shown.contains("- /note"));
            screen.type("i", "typed in vi", "Escape").await(shown -> shown.startsWith("typed in vi\n~\n"));
            screen.type(":wq", "Enter").awaitPrompt();
            screen.type("seq 1000 >/long; less /long", "Enter").await(shown -> shown.startsWith("1\n2\n3\n"));
            screen.type("G").await(shown -> shown.contains("\n1000\n"));
            screen.type("q").awaitPrompt();
            screen.type("top", "Enter").await(shown -> shown.contains("Mem:") && shown.contains("COMMAND"));
            screen.type("q").awaitPrompt();

            screen.type("clear; echo waits; sleep 1000", "Enter").await(shown -> shown.startsWith("waits\n"));
            screen.type("C-c").awaitPrompt();
            screen.type("echo code $?", "Enter").await(shown -> shown.contains("\ncode 130\n"));
            screen.type("clear; echo waits; sleep 1000", "Enter").await(shown -> shown.startsWith("waits\n"));
            screen.type("C-z").await(shown -> shown.contains("Stopped"));
            screen.type("fg", "Enter").await(shown -> shown.contains("fg\nsleep 1000\n"));
            screen.type("C-c").awaitPrompt();

            screen.type("C-p", "C-q").await(shown -> shown.contains("left with 0\n"));
            screen.awaitModes(SANE);
            screen.type(launcher() + " attach " + NAME, "Enter").awaitModes(".*-icanon.*");
            screen.type("clear; echo $((6 * 7))", "Enter").await(shown -> shown.startsWith("42\n"));
            screen.killCommand();
            screen.awaitModes(SANE);
            screen.type("echo $((7 * 8))", "Enter").await(shown -> shown.contains("\n56\n"));
            assertThat(user.run("exec", NAME, "cat", "/note").expect(0).out()).isEqualTo("typed in vi\n");
            user.run("rm", "-f", NAME).expect(0);
        }
    }

    private static String launcher() throws IOException {
        return Path.of(Place.setting("FCVM_TEST_LAUNCHER", "../build/dist/bin/fcvm"))
                .toRealPath()
                .toString();
    }

    /** A terminal of tmux with a shell in it, from which commands are started. Closing takes all of it away. */
    private static final class Screen implements AutoCloseable {

        private static final String SHELL = "\"$@\"; echo left with $?; PS1='user: ' exec sh";

        private final Child.Call tmux;

        Screen(Fcvm fcvm, Child.Call first) {
            String socket = fcvm.place().root().resolve("tmux").toString();
            this.tmux = Child.of("tmux", "-S", socket);
            first.inside("sh", "-c", SHELL, "sh")
                    .inside("tmux", "-S", socket, "-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24")
                    .without("TMUX")
                    .run()
                    .expect(0);
        }

        /** Types keys, as tmux calls them, and texts. */
        Screen type(String... keys) {
            tmux.with("send-keys").with(keys).run().expect(0);
            return this;
        }

        void resize(int columns, int rows) {
            tmux.with("resize-window", "-x", Integer.toString(columns), "-y", Integer.toString(rows))
                    .run()
                    .expect(0);
        }

        /** Waits until the screen shows this. */
        void await(Predicate<String> shown) {
            Fcvm.await(() -> tmux.with("capture-pane", "-p").run().expect(0).out(), shown);
        }

        /** Waits until the container's shell wants something typed. */
        void awaitPrompt() {
            await(shown -> shown.strip().endsWith("#"));
        }

        /** Waits until the terminal itself is in these modes, as stty(1) shows them in a line. */
        void awaitModes(String modes) {
            String terminal = about("pane_tty");
            Fcvm.await(
                    () -> Child.of("stty", "-F", terminal, "-a")
                            .run()
                            .expect(0)
                            .out()
                            .replace('\n', ' '),
                    shown -> shown.matches(modes));
        }

        /** Kills what the shell has in the foreground. */
        void killCommand() {
            ProcessHandle shell =
                    ProcessHandle.of(Long.parseLong(about("pane_pid"))).orElseThrow();
            shell.children().forEach(ProcessHandle::destroyForcibly);
        }

        private String about(String what) {
            return tmux.with("display-message", "-p", "#{" + what + "}")
                    .run()
                    .expect(0)
                    .out()
                    .strip();
        }

        @Override
        public void close() {
            tmux.with("kill-server").run();
        }
    }
}
