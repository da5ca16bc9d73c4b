package dev.fcvm.vmm.firecracker.api;

import java.time.Duration;
import java.util.Set;

/**
 * A call of Firecracker's API: one record an endpoint. The components are the fields of the body in Firecracker's own
 * names (its swagger file, in snake case), with units in types; absent ones are left out, for an unknown field makes it
 * refuse the call. Paths are paths as Firecracker sees them.
 */
public interface ApiCall {

    /** Returns the HTTP method. */
    String method();

    /** Returns the path. */
    String path();

    /** Returns what the call does, to stand behind "could not". */
    String purpose();

    /** Returns the body for this version, JSON; empty for a call that has none. */
    default String body(FirecrackerVersion version) {
        return write(this);
    }

    /** Writes a record as JSON without what is absent in it. */
    static String write(Object body) {
        return Adapters.of(body).toJson(body);
    }

    /** Returns what a version must have for this call to make sense. */
    default Set<Feature> features() {
        return Set.of();
    }

    /** Returns the faults of versions to which this call is not made. */
    default Set<KnownFault> faults() {
        return Set.of();
    }

    /** Returns how long Firecracker may take for the answer; most take a millisecond. */
    default Duration patience() {
        return Duration.ofSeconds(10);
    }

    /** A call that sets something. */
    interface Put extends ApiCall {
        @Override
        default String method() {
            return "PUT";
        }
    }

    /** A call that changes something. */
    interface Patch extends ApiCall {
        @Override
        default String method() {
            return "PATCH";
        }
    }

    /**
     * A call that asks something.
     *
     * @param <A> the answer's body
     */
    interface Get<A> extends ApiCall {
        @Override
        default String method() {
            return "GET";
        }

        @Override
        default String body(FirecrackerVersion version) {
            return "";
        }

        /** Returns what the answer's body is read as. */
        Class<A> answer();
    }
}
