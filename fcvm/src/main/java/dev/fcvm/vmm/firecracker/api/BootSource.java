package dev.fcvm.vmm.firecracker.api;

import io.avaje.jsonb.Json;
import java.util.Optional;

/**
 * What the machine boots; before the start. The files are opened at the call.
 *
 * @param bootArgs the kernel's command line, to which Firecracker adds its devices; its own when left out
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record BootSource(String kernelImagePath, Optional<String> initrdPath, Optional<String> bootArgs)
        implements ApiCall.Put {

    @Override
    public String path() {
        return "/boot-source";
    }

    @Override
    public String purpose() {
        return "use the kernel " + kernelImagePath;
    }
}
