package dev.fcvm.vmm.firecracker.api;

/** What the metadata service has; any JSON object. It is not kept in snapshots. */
public final class Mmds {

    private static final String PATH = "/mmds";

    private Mmds() {}

    /**
     * Sets all of it.
     *
     * @param json an object of at most 51200 bytes, unless Firecracker was told otherwise
     */
    public record Contents(String json) implements ApiCall.Put {
        @Override
        public String path() {
            return PATH;
        }

        @Override
        public String purpose() {
            return "take the guest's metadata";
        }

        @Override
        public String body(FirecrackerVersion version) {
            return json;
        }
    }

    /**
     * Changes it by RFC 7396.
     *
     * @param json what replaces, adds and, with null, removes
     */
    public record Change(String json) implements ApiCall.Patch {
        @Override
        public String path() {
            return PATH;
        }

        @Override
        public String purpose() {
            return "change the guest's metadata";
        }

        @Override
        public String body(FirecrackerVersion version) {
            return json;
        }
    }

    /** Asks for all of it, as JSON. */
    public record Ask() implements ApiCall.Get<String> {
        @Override
        public String path() {
            return PATH;
        }

        @Override
        public String purpose() {
            return "tell the guest's metadata";
        }

        @Override
        public Class<String> answer() {
            return String.class;
        }
    }
}
