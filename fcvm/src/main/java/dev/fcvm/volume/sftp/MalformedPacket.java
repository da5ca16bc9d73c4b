package dev.fcvm.volume.sftp;

import java.io.IOException;
import java.io.Serial;

/** What the guest sent is no SFTP. */
final class MalformedPacket extends IOException {

    @Serial
    private static final long serialVersionUID = 1L;

    MalformedPacket(String what) {
        super(what);
    }
}
