package dev.fcvm.link;

import static dev.fcvm.link.Frames.data;
import static dev.fcvm.link.Frames.frame;
import static dev.fcvm.link.Frames.join;
import static dev.fcvm.link.Frames.message;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.link.message.MessageCodec;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Messages of a guest that are none, a row each: the session ends with an error that names the fault. */
@Timeout(60)
class HostileMessageTest {

    private static final byte[] C = {0, 0, 0, 1, 'c'};

    static Stream<Arguments> messages() {
        int most = MessageCodec.LONGEST_MESSAGE;
        return Stream.of(
                lie("a message over 6 MiB", "a message of 6291457 bytes", tag -> data(tag, 0, 0, number(most + 1))),
                lie("a message of no bytes", "a message of 0 bytes", tag -> data(tag, 0, 0, number(0))),
                lie(
                        "a message of negative length",
                        "a message of 4294967295 bytes",
                        tag -> data(tag, 0, 0, number(-1))),
                lie("a message of an unknown kind", "of the unknown kind 0", tag -> message(tag, (byte) 0)),
                lie(
                        "a message of the host's",
                        "of the unknown kind 2",
                        tag -> message(tag, join(new byte[] {2}, number(9)))),
                lie("a message cut short", "cut short", tag -> message(tag, (byte) 71, (byte) 0)),
                lie(
                        "a message with more behind it",
                        "with 1 bytes too many",
                        tag -> message(tag, join(new byte[] {71}, number(1), number(0), number(0), new byte[1]))),
                lie(
                        "an exit code of 256",
                        "the number 256, which is not between 0 and 255",
                        tag -> message(tag, join(new byte[] {69}, C, number(256)))),
                lie(
                        "an exit code of -1",
                        "the number -1, which is not between 0 and 255",
                        tag -> message(tag, join(new byte[] {71}, number(1), number(-1)))),
                lie(
                        "a negative uptime",
                        "the negative number -1",
                        tag -> message(tag, join(new byte[] {66}, C, number(-1), number(-1)))),
                lie(
                        "a text that is not UTF-8",
                        "a text that is not UTF-8",
                        tag -> message(tag, join(new byte[] {72}, C, number(1), new byte[] {(byte) 0xFF}))),
                lie(
                        "a text longer than its message",
                        "cut short",
                        tag -> message(tag, join(new byte[] {72}, C, number(1000), new byte[3]))),
                lie(
                        "a text of negative length",
                        "cut short",
                        tag -> message(tag, join(new byte[] {72}, C, number(-1)))),
                lie(
                        "a reason with an escape sequence",
                        "control characters",
                        tag -> message(tag, join(new byte[] {73}, number(1), number(2), new byte[] {0x1b, '['}))),
                lie(
                        "a container whose name a terminal obeys",
                        "a container's id that is none",
                        tag -> message(tag, join(new byte[] {66}, number(1), new byte[] {0x1b}, new byte[8]))),
                lie(
                        "command 0",
                        "the number 0, which is not between 1 and",
                        tag -> message(tag, join(new byte[] {70}, number(0)))),
                lie(
                        "a status of 1000",
                        "the number 1000, which is not between 0 and 999",
                        tag -> message(tag, join(new byte[] {74}, number(1), number(1), number(1000), number(0)))),
                lie(
                        "65 containers",
                        "the number 65, which is not between 0 and 64",
                        tag -> message(tag, join(new byte[] {65}, number(0), new byte[8], number(65)))),
                lie(
                        "an output that ends before it begins",
                        "the number 4, which is less than 5",
                        tag -> message(
                                tag,
                                join(
                                        new byte[] {65},
                                        number(0),
                                        new byte[8],
                                        number(1),
                                        C,
                                        number(0),
                                        number(5),
                                        number(0),
                                        number(4)))),
                lie(
                        "the end of the control stream",
                        "the end of the control stream",
                        tag -> frame(tag, Protocol.DATA, Protocol.END, 0, 0)));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void shouldEndTheSessionOfAGuestThatSays(HostileGuestTest.Lie lie, String expected) throws Exception {
        try (var host = new HostUnderTest()) {
            host.agree();
            lie.tell(host.guest);
            // Messages are taken apart when somebody asks for them.
            assertThatThrownBy(host.link::receive)
                    .isInstanceOf(LinkException.class)
                    .hasMessageContaining(expected);
            host.assertOver(expected);
        }
    }

    @Test
    void shouldEndTheSessionOfAGuestThatSaysAReasonNoScreenHolds() throws Exception {
        try (var host = new HostUnderTest(8 * HostUnderTest.WINDOW)) {
            var text = new byte[MessageCodec.LONGEST_SHOWN + 1];
            Arrays.fill(text, (byte) 'x');
            var body = join(new byte[] {72}, C, number(text.length), text);
            host.agree();
            host.guest.send(message(host.guest.tag(), body));
            assertThatThrownBy(host.link::receive).hasMessageContaining("a text of 4097 characters");
        }
    }

    private static byte[] number(int value) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
    }

    private interface OfTag {
        byte[] bytes(int tag);
    }

    private static Arguments lie(String name, String expected, OfTag bytes) {
        HostileGuestTest.Lie lie = guest -> guest.send(bytes.bytes(guest.tag()));
        return Arguments.of(Named.of(name, lie), expected);
    }
}
