package dev.fcvm.machine.warm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.settings.Settings;
import dev.fcvm.settings.SettingsReader;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WarmBasesTest {

    private static final WarmKey KEY = new WarmKey("base of today\n", "memory 512\n");
    private static final WarmKey OTHER = new WarmKey("base of today\n", "memory 768\n");
    private static final Clock NOW = Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC);

    @Test
    void shouldNotMakeOneAgainForAWhileThatCouldNotBeMade(@TempDir Path data) throws Exception {
        Settings settings = SettingsReader.read(
                Map.of(), Map.of("FCVM_DATA_DIR", data.toString(), "XDG_RUNTIME_DIR", data.toString()), data);
        new WarmBases(settings, NOW).putOff(KEY, Duration.ofMinutes(10));

        assertThat(new WarmBases(settings, NOW).isPutOff(KEY)).isTrue();
        assertThat(new WarmBases(settings, NOW).isPutOff(OTHER)).isFalse();
        assertThat(new WarmBases(settings, Clock.offset(NOW, Duration.ofMinutes(11))).isPutOff(KEY))
                .isFalse();

        new WarmBases(settings, NOW).prune(_ -> false);
        assertThat(new WarmBases(settings, NOW).isPutOff(KEY)).isFalse();
    }
}
