package dev.fcvm.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlatformTest {

    @ParameterizedTest
    @CsvSource({
        "amd64, linux/amd64",
        "x86_64, linux/amd64",
        "aarch64, linux/arm64",
        "linux/arm64/v8, linux/arm64/v8",
        "linux/arm/v7, linux/arm/v7"
    })
    void shouldReadArchitecturesByAllTheirNames(String text, String platform) throws Exception {
        assertThat(Platform.parse(text)).hasToString(platform);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "/", "linux/", "windows/amd64", "linux/amd64/v1/x", "linux/AMD64", "linux/a b", "linux//v8"})
    void shouldRefuseWhatAMachineCannotRun(String text) {
        assertThatThrownBy(() -> Platform.parse(text)).isInstanceOf(FcvmException.class);
    }

    @Test
    void shouldSuitWhenTheVariantIsTheWantedOneOrNoneIsWanted() {
        Platform v7 = new Platform("arm", "v7");

        assertThat(v7.suits(new Platform("arm", ""))).isTrue();
        assertThat(v7.suits(v7)).isTrue();
        assertThat(v7.suits(new Platform("arm", "v6"))).isFalse();
        assertThat(v7.suits(new Platform("amd64", ""))).isFalse();
        assertThat(new Platform("arm", "").suits(v7)).isFalse();
    }

    /** Some builders leave it out, or name it as the kernel does. */
    @Test
    void shouldTakeAnImageThatNamesNoArchitectureForTheHosts() {
        assertThat(Platform.architecture(null)).isEqualTo(Platform.host().architecture());
        assertThat(Platform.architecture("")).isEqualTo(Platform.host().architecture());
        assertThat(Platform.architecture("x86_64")).isEqualTo("amd64");
        assertThat(Platform.architecture("riscv64")).isEqualTo("riscv64");
    }
}
