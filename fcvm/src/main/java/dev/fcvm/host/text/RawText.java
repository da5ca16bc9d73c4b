package dev.fcvm.host.text;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Text from the kernel, which is UTF-8 by custom only: a byte that is none of it becomes a lone surrogate, U+DC00 and the
 * byte, and is a byte again when it is written (Python's PEP 383 does the same). Nothing is lost on the way.
 */
public final class RawText {

    private static final char FIRST = '\udc80';
    private static final char LAST = '\udcff';
    private static final int BYTE = 0xdc00;

    private RawText() {}

    /** Reads the bytes that remain. */
    public static String decode(ByteBuffer bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        CharBuffer text = CharBuffer.allocate(bytes.remaining());
        while (true) {
            CoderResult result = decoder.decode(bytes, text, true);
            if (result.isUnderflow()) {
                return text.flip().toString();
            }
            for (int left = result.length(); left > 0; left--) {
                text.put((char) (BYTE + (bytes.get() & 0xff)));
            }
            decoder.reset();
        }
    }

    /** Writes text as the bytes it was read from. */
    public static byte[] encode(String text) {
        var bytes = new ByteArrayOutputStream(text.length());
        int begin = 0;
        for (int at = 0; at < text.length(); at++) {
            char character = text.charAt(at);
            boolean half = at > 0 && Character.isHighSurrogate(text.charAt(at - 1));
            if (character >= FIRST && character <= LAST && !half) {
                bytes.writeBytes(text.substring(begin, at).getBytes(StandardCharsets.UTF_8));
                bytes.write(character - BYTE);
                begin = at + 1;
            }
        }
        bytes.writeBytes(text.substring(begin).getBytes(StandardCharsets.UTF_8));
        return bytes.toByteArray();
    }

    /** Returns whether there is a byte in it that is no UTF-8. */
    public static boolean isRaw(String text) {
        return text.chars().anyMatch(character -> character >= FIRST && character <= LAST)
                && !text.equals(replaced(text));
    }

    /**
     * Returns the text with U+FFFD for each byte that is no UTF-8: what Podman makes of it on its way to a container, since
     * what it tells the runtime is JSON.
     */
    public static String replaced(String text) {
        var shown = new StringBuilder(text);
        for (int at = 0; at < text.length(); at++) {
            boolean half = at > 0 && Character.isHighSurrogate(text.charAt(at - 1));
            if (Character.isLowSurrogate(text.charAt(at)) && !half) {
                shown.setCharAt(at, '\ufffd');
            }
        }
        return shown.toString();
    }

    /** Returns the texts with U+FFFD for each byte that is no UTF-8. */
    public static List<String> replaced(List<String> texts) {
        return texts.stream().map(RawText::replaced).toList();
    }
}
