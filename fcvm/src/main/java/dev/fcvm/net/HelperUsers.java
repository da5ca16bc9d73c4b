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
 * @param own the user of a privileged machine's helpers, theirs until this is closed
 * @param journal the machine's, where it is written down
 */
record HelperUsers(UserRange range, Optional<MachineUser> own, Journal journal) implements AutoCloseable {

    /** Returns those of a machine that has none of its own. */
    static HelperUsers none(UserRange range, Journal journal) {
        return new HelperUsers(range, Optional.empty(), journal);
    }

    /** Returns those of a privileged machine, if its network needs any. */
    static HelperUsers of(MachineId machine, NetworkRequest request, UserRange range, Journal journal)
            throws FcvmException, InterruptedException {
        return NameGate.isNeededBy(request)
                ? new HelperUsers(
                        range,
                        Optional.of(MachineUser.claim(machine, range, MachineUser.Purpose.HELPERS, journal)),
                        journal)
                : none(range, journal);
    }

    /** Returns those of a machine whose supervisor is gone. */
    static HelperUsers known(UserRange range, Journal journal) {
        return new HelperUsers(
                range,
                journal.held().stream()
                        .filter(MachineUser.class::isInstance)
                        .map(MachineUser.class::cast)
                        .filter(user -> user.purpose() == MachineUser.Purpose.HELPERS)
                        .findFirst(),
                journal);
    }

    OptionalInt number() {
        return own.map(user -> OptionalInt.of(user.number())).orElse(OptionalInt.empty());
    }

    @Override
    public void close() throws FcvmException {
        if (own.isPresent()) {
            journal.release(own.get());
        }
    }
}
