package dev.fcvm.vmm.firecracker.api;

import io.avaje.jsonb.Json;

/**
 * The device for connections with the guest; before the start. Its socket is bound at the call.
 *
 * @param guestCid 3 or more; the machine's own, so all machines may have the same
 * @param udsPath the socket, which must not be there; the guest reaches {@code udsPath_PORT}
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record Vsock(int guestCid, String udsPath) implements ApiCall.Put {

    @Override
    public String path() {
        return "/vsock";
    }

    @Override
    public String purpose() {
        return "listen on " + udsPath;
    }
}
