package dev.fcvm.guest.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Programs may write much before somebody reads. */
@Timeout(60)
class PipeTest {

    private static final int MUCH = 1 << 20;

    private static final List<String> WRITING =
            List.of("sh", "-c", "read go; head -c " + MUCH + " /dev/zero; echo written >&2");

    @Test
    void shouldTakeAMebibyteThatNobodyReads() throws Exception {
        try (Pipe pipe = Pipe.open()) {
            Process process = new ProcessBuilder(WRITING)
                    .redirectOutput(Redirect.to(pipe.writing()))
                    .start();
            goOn(process);
            assertThat(firstWord(process)).isEqualTo("written");
            process.waitFor();
            assertThat(pipe.reading().readNBytes(MUCH)).hasSize(MUCH);
            pipe.reading().close();
        }
    }

    @Test
    void shouldLetAChildWriteAMebibyteThatNobodyReadsOnceItsOutputIsWidened() throws Exception {
        Child child = Child.start(WRITING, Optional.empty(), true);
        child.widenOutput();
        goOn(child.process());
        assertThat(firstWord(child.process())).isEqualTo("written");
        assertThat(child.output().readAllBytes()).hasSize(MUCH);
        child.await();
        assertThatThrownBy(child::widenOutput).isInstanceOf(IOException.class);
    }

    private static void goOn(Process process) throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
    }

    private static String firstWord(Process process) throws IOException {
        try (BufferedReader errors = process.errorReader()) {
            return errors.readLine();
        }
    }
}
