package dev.fcvm.machine.ready;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HealthRecordTest {

    @Test
    void shouldReadWhatPodmanWritesAndKeepIt(@TempDir Path directory) throws Exception {
        HealthRecord record = HealthRecord.ofGuest("""
                        {"Status":"unhealthy","FailingStreak":3,"Log":[{"Start":"2026-11-27T06:36:17.8Z",
                         "End":"2026-11-27T06:36:17.9Z","ExitCode":1,"Output":"no\\n"}]}
                        """).orElseThrow();
        assertThat(record)
                .isEqualTo(new HealthRecord(
                        "unhealthy",
                        3,
                        List.of(new HealthRecord.Check("2026-11-27T06:36:17.8Z", "2026-11-27T06:36:17.9Z", 1, "no"))));
        Path file = directory.resolve("health.json");
        Files.writeString(file, record.json());
        assertThat(HealthRecord.read(file)).isEqualTo(record);
    }

    @Test
    void shouldMakeWhatAGuestSaysHarmlessAndBounded() {
        String check = "{\"Start\":\"\\u001b[2J\",\"ExitCode\":4097,\"Output\":\"\\u001b]0;x\\u0007" + "y".repeat(9000)
                + "\"},";
        String checks = check.repeat(200);
        HealthRecord record = HealthRecord.ofGuest("{\"Status\":\"healthy\",\"FailingStreak\":-5,\"Log\":["
                        + checks.substring(0, checks.length() - 1) + "]}")
                .orElseThrow();
        assertThat(record.failingStreak()).isZero();
        assertThat(record.log()).hasSize(100).allSatisfy(one -> {
            assertThat(one.exitCode()).isEqualTo(1);
            assertThat(one.start() + one.output()).doesNotContain("\u001b").doesNotContain("\u0007");
            assertThat(one.output()).hasSizeLessThanOrEqualTo(4096);
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{}",
                "{\"Status\":\"fine\"}",
                "{\"Status\":[\"healthy\"]}",
                "{\"Status\":\"healthy\",\"Log\":[null]}",
                "{\"Status\":\"healthy\"",
                "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
            })
    void shouldTakeNothingThatIsNoRecord(String document) {
        assertThat(HealthRecord.ofGuest(document)).isEmpty();
    }

    @Test
    void shouldKnowOfNoCheckWhereTheFileIsDamaged(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("health.json");
        assertThat(HealthRecord.read(file)).isEqualTo(HealthRecord.NONE);
        Files.writeString(file, "{\"Status\":");
        assertThat(HealthRecord.read(file)).isEqualTo(HealthRecord.NONE);
    }
}
