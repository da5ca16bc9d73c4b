package dev.fcvm.supervisor;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The first a launcher says: "fcvm", the protocol's version, and which distribution it is of. */
final class Greeting {

    /** The protocol's version. */
    static final byte VERSION = 1;

    private static final byte[] MAGIC = "fcvm".getBytes(StandardCharsets.US_ASCII);
    private static final int DIGEST = 64;

    private Greeting() {}

    /** Returns the digest of the launcher's distribution; of a launcher of another protocol one that fits none. */
    static String digest(ByteBuffer payload) throws ProtocolException {
        byte[] magic = new byte[MAGIC.length];
        if (payload.remaining() <= MAGIC.length || !payload.get(magic).hasRemaining() || !Arrays.equals(magic, MAGIC)) {
            throw new ProtocolException("no greeting of a launcher");
        }
        if (payload.get() != VERSION || payload.remaining() != DIGEST) {
            return "";
        }
        return StandardCharsets.US_ASCII.decode(payload).toString();
    }
}
