package dev.fcvm.machine.live;

import io.avaje.jsonb.Json;
import java.util.Objects;

/**
 * What was put into the base, as {@code base.json} tells; written last, so its presence says that the base is whole.
 *
 * @param version the layout of the base: 1
 * @param kernelRelease such as {@code 6.12.57+deb13-cloud-amd64}
 * @param suite Debian's, such as {@code trixie}
 * @param podman Podman's version
 * @param agent the agent's version
 * @param created when it was made, ISO 8601
 */
@Json
public record BaseInfo(int version, String kernelRelease, String suite, String podman, String agent, String created) {

    /** The only version there is. */
    public static final int VERSION = 1;

    public BaseInfo {
        kernelRelease = Objects.requireNonNullElse(kernelRelease, "");
        suite = Objects.requireNonNullElse(suite, "");
        podman = Objects.requireNonNullElse(podman, "");
        agent = Objects.requireNonNullElse(agent, "");
        created = Objects.requireNonNullElse(created, "");
    }
}
