package dev.fcvm.net;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.confine.MachineUser;
import dev.fcvm.host.file.PrivateDirectories;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.host.user.HostUsers;
import dev.fcvm.host.user.UserRange;
import dev.fcvm.net.flags.NetworkRequest;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * As whom what serves one machine's network runs: of a privileged machine a user of their own, who is neither the
 * monitor's nor another machine's; of a rootless one the user who ran fcvm, without power. Where that is root, what joins
 * the machine with the world in the host's network namespace has a user of its own.
 *
 * @param range whom root may make anybody of
 * @param own the user of a privileged machine's helpers, theirs until this is closed
 * @param uplink the user of what joins root's rootless machine with the world, the same
 * @param journal the machine's, where it is written down
 */
record HelperUsers(UserRange range, Optional<MachineUser> own, Optional<MachineUser> uplink, Journal journal)
        implements AutoCloseable {

    /** Returns those of a machine that has none of its own. */
    static HelperUsers none(UserRange range, Journal journal) {
        return new HelperUsers(range, Optional.empty(), Optional.empty(), journal);
    }

    /** Returns those of a machine, if its network needs any. */
    static HelperUsers of(NetworkPlace place, NetworkRequest request) throws FcvmException, InterruptedException {
        if (place.rootless()) {
            return canSeparateUplinks() ? none(place).withUplink(place.machine()) : none(place);
        }
        return NameGate.isNeededBy(request)
                ? new HelperUsers(
                        place.users(),
                        Optional.of(MachineUser.claim(
                                place.machine(), place.users(), MachineUser.Purpose.HELPERS, place.journal())),
                        Optional.empty(),
                        place.journal())
                : none(place);
    }

    static HelperUsers none(NetworkPlace place) {
        return none(place.users(), place.journal());
    }

    /** Returns whether the uplinks of rootless machines are somebody else than who runs this. */
    static boolean canSeparateUplinks() {
        return PrivateDirectories.currentUser() == 0 && HostUsers.areAllHere();
    }

    private HelperUsers withUplink(MachineId machine) throws FcvmException, InterruptedException {
        return new HelperUsers(
                range,
                own,
                Optional.of(MachineUser.claim(machine, range, MachineUser.Purpose.UPLINK, journal)),
                journal);
    }

    /** Returns those of a machine whose supervisor is gone. */
    static HelperUsers known(NetworkPlace place) {
        return new HelperUsers(
                place.users(),
                known(place.journal(), MachineUser.Purpose.HELPERS),
                known(place.journal(), MachineUser.Purpose.UPLINK),
                place.journal());
    }

    private static Optional<MachineUser> known(Journal journal, MachineUser.Purpose purpose) {
        return journal.held().stream()
                .filter(MachineUser.class::isInstance)
                .map(MachineUser.class::cast)
                .filter(user -> user.purpose() == purpose)
                .findFirst();
    }

    OptionalInt number() {
        return number(own);
    }

    OptionalInt uplinkNumber() {
        return number(uplink);
    }

    private static OptionalInt number(Optional<MachineUser> one) {
        return one.map(user -> OptionalInt.of(user.number())).orElse(OptionalInt.empty());
    }

    @Override
    public void close() throws FcvmException {
        if (own.isPresent()) {
            journal.release(own.get());
        }
        if (uplink.isPresent()) {
            journal.release(uplink.get());
        }
    }
}
