package dev.fcvm.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DataSizeTest {

    @Test
    void shouldReadSizesAsMemoryIsGiven() {
        assertThat(DataSize.parse("512")).contains(new DataSize(512));
        assertThat(DataSize.parse("512b")).contains(new DataSize(512));
        assertThat(DataSize.parse("1.5G")).contains(new DataSize(1536L << 20));
        assertThat(DataSize.parse("20g")).contains(new DataSize(20L << 30));
        assertThat(DataSize.parse("20 GiB")).contains(new DataSize(20L << 30));
        assertThat(DataSize.parse("2tb")).contains(new DataSize(2L << 40));
        assertThat(DataSize.parse("9999999999999t")).contains(new DataSize(1L << 60));
    }

    @Test
    void shouldRefuseWhatIsNoSize() {
        for (String wrong : List.of("", "g", "-1g", "1x", "1e9", "1gg", "1 g g", "0x10", "٣g")) {
            assertThat(DataSize.parse(wrong)).as(wrong).isEqualTo(Optional.empty());
        }
    }

    @Test
    void shouldSayItInTheUnitThatLeavesFewDigits() {
        assertThat(new DataSize(1000)).hasToString("1000 bytes");
        assertThat(new DataSize(300L << 20)).hasToString("300 MiB");
        assertThat(new DataSize(1500L << 20)).hasToString("1500 MiB");
        assertThat(new DataSize(4L << 30)).hasToString("4 GiB");
        assertThat(new DataSize((70L << 30) + 5)).hasToString("70 GiB");
    }
}
