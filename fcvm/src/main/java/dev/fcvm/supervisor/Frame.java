package dev.fcvm.supervisor;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * One frame of the launcher's protocol (docs/launcher-protocol.md): a byte for its type, four for the payload's length,
 * most significant first, then the payload.
 *
 * @param type what it is
 * @param payload its content; read only once
 */
record Frame(Type type, ByteBuffer payload) {

    /** Bytes before the payload. */
    static final int HEADER = 5;

    /** Bytes of a payload, at most. */
    static final int LARGEST = 65_536;

    /** What a frame is. */
    enum Type {
        HELLO(1),
        REQUEST(2),
        BEGIN(3),
        INPUT(4),
        INPUT_END(5),
        WRITTEN(6),
        LOST(7),
        SIGNAL(8),
        SIZE(9),
        WELCOME(32),
        AGAIN(33),
        YOURSELF(34),
        ELSEWHERE(35),
        OUTPUT(36),
        ERRORS(37),
        WANTED(38),
        RAW(39),
        EXIT(40);

        private static final int FIRST_OF_SUPERVISOR = 32;

        private final int number;

        Type(int number) {
            this.number = number;
        }

        int number() {
            return number;
        }

        /** Returns the launcher's frame with this number. */
        static Optional<Type> ofLauncher(int number) {
            for (Type type : values()) {
                if (type.number == number && number < FIRST_OF_SUPERVISOR) {
                    return Optional.of(type);
                }
            }
            return Optional.empty();
        }
    }
}
