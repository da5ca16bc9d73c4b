package dev.fcvm.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The forms in which a host says where it is. */
class TimeZonesTest {

    @TempDir
    Path host;

    private Path zones;
    private Path localtime;

    @BeforeEach
    void makeZones() throws Exception {
        Files.createDirectories(host.resolve("zoneinfo/America/Argentina"));
        zones = host.resolve("zoneinfo");
        localtime = host.resolve("localtime");
        Files.writeString(zones.resolve("America/Argentina/Salta"), "TZif salta");
        Files.writeString(zones.resolve("Turkey"), "TZif turkey");
    }

    @Test
    void shouldFollowTheLink() throws Exception {
        Files.createSymbolicLink(localtime, zones.resolve("America/Argentina/Salta"));

        assertThat(new TimeZones(localtime, zones).local()).contains("America/Argentina/Salta");
    }

    @Test
    void shouldTakeTheNameTheLinkSaysThoughTheZoneIsALinkItself() throws Exception {
        Files.createSymbolicLink(zones.resolve("Asia-Istanbul"), zones.resolve("Turkey"));
        Files.createSymbolicLink(localtime, Path.of("../" + host.getFileName() + "/zoneinfo/Asia-Istanbul"));

        assertThat(new TimeZones(localtime, zones).local()).contains("Asia-Istanbul");
    }

    @Test
    void shouldRecogniseACopyOfAZone() throws Exception {
        Files.writeString(localtime, "TZif turkey");

        assertThat(new TimeZones(localtime, zones).local()).contains("Turkey");
    }

    @Test
    void shouldBeUtcWithoutTheFileAndNothingWithAForeignOne() throws Exception {
        assertThat(new TimeZones(localtime, zones).local()).contains("UTC");
        Files.writeString(localtime, "something else");
        assertThat(new TimeZones(localtime, zones).local()).isEmpty();
    }
}
