package dev.fcvm.volume.secret;

import dev.fcvm.error.FcvmException;
import java.io.IOException;
import java.io.InputStream;

/** How much a secret holds: what Podman lets one have. */
public final class SecretContent {

    /** In bytes; a secret has fewer. */
    private static final int TOO_MANY = 512_000;

    private SecretContent() {}

    /**
     * Reads one.
     *
     * @throws FcvmException when there is nothing, or too much
     */
    public static byte[] read(InputStream from) throws FcvmException, IOException {
        byte[] content = from.readNBytes(TOO_MANY);
        check(content);
        return content;
    }

    /** Refuses one that is empty or too large. */
    public static void check(byte[] content) throws FcvmException {
        if (content.length == 0 || content.length >= TOO_MANY) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE, "secret data must be larger than 0 and less than " + TOO_MANY + " bytes");
        }
    }
}
