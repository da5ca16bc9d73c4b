package dev.fcvm.vmm.firecracker;

import java.io.IOException;
import java.io.Serial;

/** Firecracker lives, and has refused a call. */
final class ApiRefusal extends IOException {

    @Serial
    private static final long serialVersionUID = 1L;

    ApiRefusal(String message) {
        super(message);
    }
}
