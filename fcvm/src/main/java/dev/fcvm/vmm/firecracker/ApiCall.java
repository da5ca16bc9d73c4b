package dev.fcvm.vmm.firecracker;

import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/**
 * A call of Firecracker's API: one record an endpoint, whose components are the body's fields. The names are those of
 * Firecracker's own swagger file, in its snake case; an unknown field makes it refuse the call.
 */
public sealed interface ApiCall {

    /** Returns the HTTP method. */
    String method();

    /** Returns the path. */
    String path();

    /** Returns what the call does, to stand behind "could not". */
    String purpose();

    /** A call that sets something. */
    sealed interface Put extends ApiCall {
        @Override
        default String method() {
            return "PUT";
        }
    }

    /** How many processors and how much memory, in MiB. */
    @Json(naming = Json.Naming.LowerUnderscore)
    record MachineConfig(int vcpuCount, long memSizeMib) implements Put {
        @Override
        public String path() {
            return "/machine-config";
        }

        @Override
        public String purpose() {
            return "set %d vCPUs and %d MiB of memory".formatted(vcpuCount, memSizeMib);
        }
    }

    /** What the machine boots; the files are opened at the call. */
    @Json(naming = Json.Naming.LowerUnderscore)
    record BootSource(String kernelImagePath, String initrdPath, String bootArgs) implements Put {
        @Override
        public String path() {
            return "/boot-source";
        }

        @Override
        public String purpose() {
            return "use the kernel " + kernelImagePath;
        }
    }

    /** A disk; they are vda, vdb, … in the order of the calls as long as none is the root device. */
    @Json(naming = Json.Naming.LowerUnderscore)
    record Drive(String driveId, String pathOnHost, boolean isReadOnly, boolean isRootDevice) implements Put {
        @Override
        public String path() {
            return "/drives/" + driveId;
        }

        @Override
        public String purpose() {
            return "attach the disk " + pathOnHost;
        }
    }

    /** The device for connections with the guest; its socket is bound at the call. */
    @Json(naming = Json.Naming.LowerUnderscore)
    record Vsock(int guestCid, String udsPath) implements Put {
        @Override
        public String path() {
            return "/vsock";
        }

        @Override
        public String purpose() {
            return "listen on " + udsPath;
        }
    }

    /** Something the machine does once. */
    @Json(naming = Json.Naming.LowerUnderscore)
    record Action(String actionType) implements Put {
        static final Action START = new Action("InstanceStart");

        @Override
        public String path() {
            return "/actions";
        }

        @Override
        public String purpose() {
            return "start the machine";
        }
    }

    /** Whether the vCPUs run; setting what is so already is allowed. */
    @Json
    record VmState(String state) implements ApiCall {
        static final VmState PAUSED = new VmState("Paused");
        static final VmState RESUMED = new VmState("Resumed");

        @Override
        public String method() {
            return "PATCH";
        }

        @Override
        public String path() {
            return "/vm";
        }

        @Override
        public String purpose() {
            return "set the machine's state to " + state;
        }
    }

    /** What Firecracker answers when it refuses a call. */
    @Json(naming = Json.Naming.LowerUnderscore)
    record Refusal(@Nullable String faultMessage) {}
}
