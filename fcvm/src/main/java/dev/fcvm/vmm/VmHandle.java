package dev.fcvm.vmm;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.process.ProcessIdentity;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import java.nio.file.Path;

/**
 * What has to be known of a running machine for another process to take it over: to be kept in the machine's directory,
 * as soon as the machine has booted. What it leads to is checked when the machine is attached.
 *
 * @param version the layout of this document: {@value #VERSION}
 * @param vmm the monitor's name, as {@link Vmm#name} gives it
 * @param machine the machine's id, by which all its processes are marked
 * @param directory the machine's directory, where the console's log and the monitor's exit code are
 * @param keeper the process that keeps the monitor's output and its exit code, outside of the jail
 * @param warden the process whose root is the jail's and which waits for the monitor
 * @param sockets the directory of the monitor's sockets, as the warden sees it
 * @param plan whether the guest gets the plan from its monitor
 * @param memoryMib the guest's memory; 0 of a machine that a former version of fcvm has booted
 */
@Json
public record VmHandle(
        int version,
        String vmm,
        String machine,
        String directory,
        ProcessIdentity keeper,
        ProcessIdentity warden,
        String sockets,
        boolean plan,
        long memoryMib) {

    /** The layout this version writes, and the only one it reads. */
    public static final int VERSION = 1;

    /** Returns it as JSON. */
    public String toJson() {
        return Jsonb.instance().type(VmHandle.class).toJson(this);
    }

    /**
     * Reads what {@link #toJson} wrote.
     *
     * @throws FcvmException when it is damaged, or of another version
     */
    public static VmHandle ofJson(String json) throws FcvmException {
        VmHandle handle;
        try {
            handle = Jsonb.instance().type(VmHandle.class).fromJson(json);
        } catch (RuntimeException e) { // whatever the library throws: the cause is always what was written
            throw new FcvmException(
                    Kind.VMM, "what is written down of a running machine is damaged: " + e.getMessage(), e);
        }
        if (handle == null || handle.version() != VERSION) {
            throw new FcvmException(
                    Kind.VMM,
                    "what is written down of a running machine is of another version of fcvm; this one knows "
                            + VERSION);
        }
        return handle;
    }

    /** Returns the directory of the sockets as it is reached while the warden lives. */
    public Path seenSockets() {
        return seen(sockets);
    }

    /** Returns a file of the warden's, given by an absolute path, as it is reached while the warden lives. */
    public Path seen(String inside) {
        Path root = Path.of("/proc", Long.toString(warden.pid()), "root");
        return root.resolve(Path.of("/").relativize(Path.of(inside)));
    }
}
