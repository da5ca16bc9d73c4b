package dev.fcvm.vmm.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be read of a guest's console, from the two files its monitor's keeper writes. */
final class SerialConsoleTest {

    @TempDir
    Path directory;

    private SerialConsole console = new SerialConsole(Path.of("/nonexistent"));

    @BeforeEach
    void name() {
        console = SerialConsole.in(directory);
    }

    @Test
    void shouldBeEmptyBeforeTheGuestHasSaidAnything() {
        assertThat(console.text()).isEmpty();
        assertThat(console.tail(5)).isEmpty();
        assertThat(console.endsInPanic()).isFalse();
    }

    @Test
    void shouldGoOnFromTheOlderFileToTheNewer() throws Exception {
        older("one\ntw");
        newer("o\nthree\n");
        assertThat(console.text()).isEqualTo("one\ntwo\nthree\n");
        assertThat(console.tail(2)).isEqualTo("two\nthree");
    }

    @Test
    void shouldReadTheOlderFileWhenTheNextIsNotThereYet() throws Exception {
        older("one\n");
        assertThat(console.tail(2)).isEqualTo("one");
    }

    @Test
    void shouldMakeHarmlessWhatTheGuestSaid() throws Exception {
        newer("\033[31mred\033[0m \007 \u0085 \u202e\r\n");
        assertThat(console.text()).isEqualTo("red \ufffd \ufffd \ufffd\n");
    }

    @Test
    void shouldCutLinesWithoutEnd() throws Exception {
        newer("x".repeat(100_000));
        assertThat(console.tail(10)).hasSize(500).endsWith("x…");
    }

    @Test
    void shouldTellAPanicAndNotTheTraceBehindIt() throws Exception {
        newer("[    1.2] Kernel panic - not");
        assertThat(console.endsInPanic()).isFalse();
        newer("[    1.2] Kernel panic - not syncing: VFS\n[ 1.3] trace\n");
        assertThat(console.endsInPanic()).isTrue();
        assertThat(console.tail(1)).isEqualTo("[    1.2] Kernel panic - not syncing: VFS");
    }

    @Test
    void shouldBeReadUnderAnInterruptionToo() throws Exception {
        newer("one\n");
        Thread.currentThread().interrupt();
        assertThat(console.tail(5)).isEqualTo("one");
        assertThat(Thread.interrupted()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "reboot: System halted\n",
                "[    1.234567] reboot: Power down\r\n",
                "x\n[12345.678901] reboot: Power off not available: System halted instead\n"
            })
    void shouldNoticeThatTheKernelHasSwitchedOffHoweverItsWordsArrive(String words) throws Exception {
        older("y".repeat(500) + "\n" + words.substring(0, 5));
        assertThat(console.saysHalted()).isFalse();
        for (int cut = 0; cut < words.length(); cut++) {
            older("y".repeat(500) + "\n" + words.substring(0, cut));
            newer(words.substring(cut));
            assertThat(console.saysHalted()).isTrue();
        }
    }

    @Test
    void shouldNotTakeOtherWordsForTheKernelsLast() throws Exception {
        newer("reboot: System halted? no\nit said reboot: Power down\nreboot: Restarting system\n");
        assertThat(console.saysHalted()).isFalse();
    }

    private void older(String text) throws Exception {
        Files.writeString(directory.resolve("console.log.1"), text);
    }

    private void newer(String text) throws Exception {
        Files.writeString(directory.resolve("console.log"), text);
    }
}
