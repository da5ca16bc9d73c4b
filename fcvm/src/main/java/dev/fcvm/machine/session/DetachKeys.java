package dev.fcvm.machine.session;

import dev.fcvm.error.FcvmException;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * The keys by which a user leaves a container that goes on.
 *
 * @param sequence the bytes a terminal sends for them; empty for none
 */
public record DetachKeys(List<Byte> sequence) {

    /** Ctrl-P and then Ctrl-Q, as Podman has it. */
    public static final DetachKeys DEFAULT = new DetachKeys(List.of((byte) 16, (byte) 17));

    /** None: the user stays. */
    public static final DetachKeys NONE = new DetachKeys(List.of());

    private static final String CONTROL = "ctrl-";

    public DetachKeys {
        sequence = List.copyOf(sequence);
    }

    /**
     * Reads {@code --detach-keys}: single characters and {@code ctrl-} with a letter or one of {@code @^[\]_}, with commas
     * between; nothing for no keys.
     *
     * @throws FcvmException when it is something else
     */
    public static DetachKeys parse(String text) throws FcvmException {
        List<Byte> bytes = new ArrayList<>();
        for (String key : text.isEmpty() ? List.<String>of() : List.of(text.split(",", -1))) {
            bytes.add(key(key, text));
        }
        return new DetachKeys(bytes);
    }

    private static byte key(String key, String text) throws FcvmException {
        if (key.length() == 1 && key.charAt(0) < 0x80) {
            return (byte) key.charAt(0);
        }
        if (key.startsWith(CONTROL) && key.length() == CONTROL.length() + 1) {
            char letter = key.charAt(CONTROL.length());
            if (letter >= 'a' && letter <= 'z') {
                return (byte) (letter - 'a' + 1);
            }
            if ("@[\\]^_".indexOf(letter) >= 0) {
                return (byte) (letter - '@');
            }
        }
        throw new FcvmException(
                FcvmException.Kind.USAGE,
                "--detach-keys is \"" + text
                        + "\": give single characters and ctrl-a to ctrl-z, ctrl-@, ctrl-[, ctrl-\\,"
                        + " ctrl-], ctrl-^ or ctrl-_, with commas between; such as ctrl-p,ctrl-q");
    }

    /** Looks for the keys in what is typed, piece by piece. */
    final class Filter {

        private int matched;

        /**
         * Takes what was typed.
         *
         * @param bytes what was typed
         * @param length how much of it
         * @param passed gets what is for the container; a beginning of the keys is held back until it is known for none
         * @return whether the keys have been typed
         */
        boolean take(byte[] bytes, int length, ByteArrayOutputStream passed) {
            for (int index = 0; index < length; index++) {
                byte next = bytes[index];
                while (matched > 0 && next != sequence.get(matched)) {
                    mismatch(passed);
                }
                if (!sequence.isEmpty() && next == sequence.get(matched)) {
                    matched++;
                    if (matched == sequence.size()) {
                        return true;
                    }
                } else {
                    passed.write(next);
                }
            }
            return false;
        }

        /** What was held back begins differently from the keys: lets as much of it go as cannot begin them any more. */
        private void mismatch(ByteArrayOutputStream passed) {
            int held = matched;
            for (int shorter = held - 1; shorter >= 0; shorter--) {
                if (sequence.subList(held - shorter, held).equals(sequence.subList(0, shorter))) {
                    for (int index = 0; index < held - shorter; index++) {
                        passed.write(sequence.get(index));
                    }
                    matched = shorter;
                    return;
                }
            }
        }
    }
}
