package dev.fcvm.net;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.UserRange;
import dev.fcvm.host.confine.MachineUser;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.net.flags.NetworkRequest;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * As whom what serves one machine's network runs: of a privileged machine a user of their own, who is neither the
 * monitor's nor another machine's; of a rootless one the user who ran fcvm, without power.
 *
 * @param range whom root may make anybody of
 * @param claim the user of a privileged machine's helpers, theirs until this is closed
 * @param journal where it is written down
 */
public record HelperUsers(UserRange range, Optional<MachineUser> claim, Optional<Journal> journal)
        implements AutoCloseable {

    /** Returns those of a machine that has none of its own. */
    public static HelperUsers none(UserRange range) {
        return new HelperUsers(range, Optional.empty(), Optional.empty());
    }

    /** Returns those of a privileged machine, if its network needs any. */
    public static HelperUsers of(MachineId machine, NetworkRequest request, UserRange range, Journal journal)
            throws FcvmException, InterruptedException {
        return NameGate.isNeededBy(request)
                ? new HelperUsers(
                        range,
                        Optional.of(MachineUser.claim(machine, range, MachineUser.Purpose.HELPERS, journal)),
                        Optional.of(journal))
                : none(range);
    }

    OptionalInt own() {
        return claim.map(user -> OptionalInt.of(user.number())).orElse(OptionalInt.empty());
    }

    @Override
    public void close() {
        if (claim.isPresent()) {
            try {
                journal.orElseThrow().release(claim.get());
            } catch (FcvmException e) {
                throw new IllegalStateException(e.getMessage(), e);
            }
        }
    }
}
