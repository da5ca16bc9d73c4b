package dev.fcvm.host.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** On real processes of Java, started as the launcher starts fcvm. */
@Timeout(60)
final class SignalSourceTest {

    private static final List<String> LAUNCHER =
            List.of("env", "--block-signal=HUP,INT,QUIT,TERM,USR1,USR2", "_JAVA_SR_SIGNUM=16");

    @Test
    void shouldDeliverEverySignalWhetherItCameBeforeOrAfterTheReader() throws Exception {
        int all = LinuxSignal.values().length;
        try (Child child = Child.start(LAUNCHER, "read", Integer.toString(2 * all))) {
            assertThat(child.line()).isEqualTo("ready");
            for (LinuxSignal signal : LinuxSignal.values()) {
                child.kill(signal);
            }
            child.type('\n');
            assertThat(child.line()).isEqualTo("open");
            List<String> seen = new ArrayList<>();
            for (int count = 0; count < all; count++) {
                seen.add(child.line());
            }
            assertThat(seen).containsExactlyInAnyOrder(names());
            for (LinuxSignal signal : LinuxSignal.values()) {
                child.kill(signal);
                assertThat(child.line()).isEqualTo(signal.name());
            }
            assertThat(child.line()).isEqualTo("closed");
            assertThat(child.exitCode()).isZero();
        }
    }

    @Test
    void shouldSayThatSignalsCannotBeReadWithoutTheLauncher() throws Exception {
        try (Child child = Child.start(List.of("env"), "open")) {
            assertThat(child.line()).contains("Java was started without fcvm's launcher");
            assertThat(child.exitCode()).isZero();
        }
    }

    @Test
    void shouldStartProcessesWithNoSignalBlocked() throws Exception {
        try (Child child = Child.start(LAUNCHER, "child")) {
            assertThat(child.line()).isEqualTo("blocked: true");
            assertThat(child.line()).isEqualTo("SigBlk:\t0000000000000000");
            assertThat(child.exitCode()).isZero();
        }
    }

    @Test
    void shouldExitWithItsCodeAlsoWhileAThreadIsBlockedInNativeCode() throws Exception {
        try (Child child = Child.start(LAUNCHER, "exit")) {
            assertThat(child.line()).isEqualTo("exiting");
            assertThat(child.exitCode()).isEqualTo(42);
        }
    }

    private static String[] names() {
        return Stream.of(LinuxSignal.values()).map(Enum::name).toArray(String[]::new);
    }

    /** A process of Java that runs {@link SignalChild}. */
    private record Child(Process process, BufferedReader output) implements AutoCloseable {

        static Child start(List<String> launcher, String... arguments) throws IOException {
            List<String> command = new ArrayList<>(launcher);
            command.addAll(List.of(
                    System.getProperty("java.home") + "/bin/java",
                    "-Xrs",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+UseSerialGC",
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    SignalChild.class.getName()));
            command.addAll(List.of(arguments));
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            return new Child(
                    process,
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)));
        }

        String line() throws IOException {
            String line = output.readLine();
            if (line == null) {
                throw new AssertionError("the process ended");
            }
            return line;
        }

        void kill(LinuxSignal signal) throws IOException, InterruptedException {
            Process kill = new ProcessBuilder("kill", "-" + signal.number(), Long.toString(process.pid())).start();
            assertThat(kill.waitFor()).isZero();
        }

        void type(char character) throws IOException {
            process.getOutputStream().write(character);
            process.getOutputStream().flush();
        }

        int exitCode() throws InterruptedException {
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            return process.exitValue();
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
