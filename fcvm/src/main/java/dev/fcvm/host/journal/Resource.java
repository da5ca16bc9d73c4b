package dev.fcvm.host.journal;

import dev.fcvm.error.FcvmException;
import java.util.Map;

/**
 * Something on the host that does not end with the machine's processes by the kernel's hand, such as a cgroup, a rule of
 * a firewall, or a claim on an address. A record: what it holds is what is written down, and all that is needed to
 * release it, by a process that knows nothing else of the machine.
 */
public interface Resource {

    /** Returns the name of its {@link ResourceKind}; it never changes, since journals outlive an upgrade. */
    String kind();

    /** Returns what is written down of it, for the kind's reader. No secrets. */
    Map<String, String> fields();

    /**
     * Releases it. Idempotent, and no fault when it was never acquired: the journal is written before the act, so whoever
     * replays it cannot know. It must not take what is somebody else's by now.
     *
     * @throws InterruptedException when it was interrupted; the journal then does it again from the start
     */
    void release() throws FcvmException, InterruptedException;

    /**
     * Tells whether it outlives a restart of the host, as an entry in a file does and a cgroup does not. The line of one
     * that does is forced to the disk before it is acquired; of all others it is enough that it outlives this process,
     * which costs no disk access at the start of each machine.
     */
    default boolean outlivesRestart() {
        return false;
    }

    /**
     * Tells whether it stays the machine's while that is suspended, as a disk does that its guest has mounted: the guest
     * goes on with it. Everything else is acquired anew then.
     */
    default boolean outlivesSuspension() {
        return false;
    }
}
