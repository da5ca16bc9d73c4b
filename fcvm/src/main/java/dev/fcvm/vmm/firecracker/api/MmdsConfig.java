package dev.fcvm.vmm.firecracker.api;

import io.avaje.jsonb.Json;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The metadata service inside the guest's network; after the network cards, before the start.
 *
 * @param networkInterfaces the ids of the cards on which the guest reaches it
 * @param version {@code V1} when left out, which is deprecated
 * @param ipv4Address {@code 169.254.169.254} when left out
 * @param imdsCompat whether every answer is plain text
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record MmdsConfig(
        List<String> networkInterfaces,
        Optional<Version> version,
        Optional<String> ipv4Address,
        Optional<Boolean> imdsCompat)
        implements ApiCall.Put {

    public MmdsConfig {
        networkInterfaces = List.copyOf(networkInterfaces);
    }

    /** Returns one of version 2, whose answers need a token, on one card. */
    public static MmdsConfig on(String ifaceId) {
        return new MmdsConfig(List.of(ifaceId), Optional.of(Version.V2), Optional.empty(), Optional.empty());
    }

    @Override
    public String path() {
        return "/mmds/config";
    }

    @Override
    public String purpose() {
        return "offer metadata to the guest";
    }

    @Override
    public Set<Feature> features() {
        return imdsCompat.isPresent() ? Set.of(Feature.IMDS_COMPATIBILITY) : Set.of();
    }

    /** Of the protocol the guest speaks. */
    public enum Version {
        V1,
        /** With a token. */
        V2
    }
}
