package dev.fcvm.vmm.firecracker.api;

import io.avaje.jsonb.Json;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A network card. After the start the same call attaches one where PCI is on.
 *
 * @param hostDevName the tap, which must be there and up
 * @param guestMac the guest's hardware address; none is set when left out
 * @param mtu 68 to 65535, told to the guest
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record NetworkInterface(
        String ifaceId,
        String hostDevName,
        Optional<String> guestMac,
        OptionalInt mtu,
        Optional<RateLimiter> rxRateLimiter,
        Optional<RateLimiter> txRateLimiter)
        implements ApiCall.Put {

    public NetworkInterface {
        DeviceId.checked(ifaceId);
        mtu = Objects.requireNonNullElse(mtu, OptionalInt.empty()); // what JSON's null is read as
    }

    /** Returns a card with Firecracker's defaults in everything else. */
    public static NetworkInterface of(String ifaceId, String hostDevName) {
        return new NetworkInterface(
                ifaceId, hostDevName, Optional.empty(), OptionalInt.empty(), Optional.empty(), Optional.empty());
    }

    @Override
    public String path() {
        return "/network-interfaces/" + ifaceId;
    }

    @Override
    public String purpose() {
        return "attach the network card %s to the tap %s".formatted(ifaceId, hostDevName);
    }

    @Override
    public Set<Feature> features() {
        return mtu.isPresent() ? Set.of(Feature.MTU) : Set.of();
    }

    /** A change of the limiters after the start. */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record Update(String ifaceId, Optional<RateLimiter> rxRateLimiter, Optional<RateLimiter> txRateLimiter)
            implements ApiCall.Patch {

        public Update {
            DeviceId.checked(ifaceId);
        }

        @Override
        public String path() {
            return "/network-interfaces/" + ifaceId;
        }

        @Override
        public String purpose() {
            return "limit the network card " + ifaceId;
        }
    }
}
