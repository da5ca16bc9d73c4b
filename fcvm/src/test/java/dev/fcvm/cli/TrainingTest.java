package dev.fcvm.cli;

import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class TrainingTest {

    @Test
    @Timeout(60)
    void shouldGoThroughARunWithoutAMachine() {
        assertThatCode(() -> Training.main(new String[0])).doesNotThrowAnyException();
    }
}
