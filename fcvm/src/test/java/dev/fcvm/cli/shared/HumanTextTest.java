package dev.fcvm.cli.shared;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HumanTextTest {

    @ParameterizedTest
    @CsvSource({
        "-5, Less than a second ago",
        "200, 6 months ago",
        "20454, 56 years ago",
        "106751, 292 years ago",
        "740000, 292 years ago",
    })
    void shouldTellAnAgeAsPodmanDoes(long days, String words) {
        assertThat(HumanText.age(Duration.ofDays(days))).isEqualTo(words);
    }
}
