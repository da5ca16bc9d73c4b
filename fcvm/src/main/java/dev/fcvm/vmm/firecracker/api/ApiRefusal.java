package dev.fcvm.vmm.firecracker.api;

import io.avaje.jsonb.Json;
import java.io.IOException;
import java.io.Serial;
import java.util.Optional;

/** Firecracker lives, and has refused a call, or its version cannot do what the call wants. */
public final class ApiRefusal extends IOException {

    /**
     * What Firecracker answers then.
     *
     * @param faultMessage the reason of the API
     * @param error the reason of its HTTP server
     */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record Body(Optional<String> faultMessage, Optional<String> error) {}

    @Serial
    private static final long serialVersionUID = 1L;

    private final String fault;

    ApiRefusal(String message, String fault) {
        super(message);
        this.fault = fault;
    }

    /** Returns Firecracker's own words, as it wrote them; empty when it was not asked. */
    public String fault() {
        return fault;
    }
}
