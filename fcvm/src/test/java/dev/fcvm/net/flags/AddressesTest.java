package dev.fcvm.net.flags;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AddressesTest {

    /** The examples of RFC 5952. */
    @ParameterizedTest
    @CsvSource({
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:0DB8:0:0:0:0:2:1, 2001:db8::2:1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "0:0:0:0:0:0:0:0, ::",
        "0:0:0:0:0:0:0:1, ::1",
        "1:0:0:0:0:0:0:0, 1::",
        "fe80::1, fe80::1",
        "1:2:3:4:5:6:0:0, 1:2:3:4:5:6::",
        "0:0:3:4:5:6:7:8, ::3:4:5:6:7:8",
        "192.0.2.1, 192.0.2.1",
        "0.0.0.0, 0.0.0.0"
    })
    void shouldWriteEveryAddressInOneWay(String text, String canonical) {
        assertThat(Addresses.parse(text)).map(Addresses::text).hasValue(canonical);
        assertThat(Addresses.parse(canonical)).isEqualTo(Addresses.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                "1",
                "1.2.3",
                "01.2.3.4",
                "1.2.3.256",
                "1.2.3.4.5",
                "1.2.3.4 ",
                "[::1]",
                "::1%lo",
                "::1%1",
                ":::",
                "1::2::3",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "12345::",
                "::ffff:1.2.3.4",
                "::ffff:102:304",
                "localhost",
                "1.2.3.4/8",
                "0x7f.0.0.1"
            })
    void shouldTakeNothingElseForAnAddress(String text) {
        assertThat(Addresses.parse(text)).isEmpty();
    }
}
