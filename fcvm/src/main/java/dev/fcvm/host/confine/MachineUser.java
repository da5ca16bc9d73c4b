package dev.fcvm.host.confine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.file.LockFile;
import dev.fcvm.host.file.PrivateDirectories;
import dev.fcvm.host.journal.Fields;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.host.journal.Resource;
import dev.fcvm.host.journal.ResourceKind;
import dev.fcvm.host.process.ProcessIdentity;
import dev.fcvm.host.user.UserRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/**
 * A user of a machine's own. The claim is a file by the user's number that names the journal in which it is written down:
 * as long as there is that journal the user is its machine's, whichever processes come and go. A user whose processes live
 * is never given out either.
 *
 * @param number the user's number, which is the group's as well
 * @param claim the file
 * @param journal what it says
 * @param purpose which of the machine's processes it is for
 */
public record MachineUser(int number, Path claim, Path journal, Purpose purpose) implements Resource {

    /** How one is read from a journal. */
    public static final ResourceKind KIND = new ResourceKind("user", MachineUser::read);

    /** Common to all of root's data directories: users are the whole host's. */
    static final Path CLAIMS = Path.of("/run/fcvm/users");

    /** Which of the machine's processes run as it. */
    public enum Purpose {
        /** Its monitor. */
        MONITOR,
        /** What serves it beside the monitor. */
        HELPERS,
        /** What joins it with the world, where that speaks in the host's network namespace. */
        UPLINK
    }

    private static MachineUser read(Fields fields) throws IOException {
        Path claim = fields.path("claim");
        int number = (int) fields.number("number", 1, Integer.MAX_VALUE);
        if (!claim.endsWith(Integer.toString(number))) {
            throw new IOException("the claim of user %d cannot be %s".formatted(number, claim));
        }
        return new MachineUser(
                number,
                claim,
                fields.path("journal"),
                Purpose.valueOf(
                        fields.matching("purpose", "monitor|helpers|uplink").toUpperCase(Locale.ROOT)));
    }

    /** Returns the options by which what is mounted as a file system of its own is this user's. */
    public String options() {
        return ",uid=%1$d,gid=%1$d".formatted(number);
    }

    /**
     * Claims one.
     *
     * @param machine whose it is to be
     * @param journal where it is written down before, and by which it is given back
     * @throws FcvmException when all are in use
     */
    public static MachineUser claim(MachineId machine, UserRange range, Purpose purpose, Journal journal)
            throws FcvmException, InterruptedException {
        return claim(machine, range, purpose, journal, CLAIMS);
    }

    static MachineUser claim(MachineId machine, UserRange range, Purpose purpose, Journal journal, Path claims)
            throws FcvmException, InterruptedException {
        PrivateDirectories.require(claims);
        try (LockFile _ = LockFile.exclusive(claims.resolve("lock"))) {
            // Not the lowest: a user that was just given back is not at once somebody else.
            int start = Math.floorMod(machine.hashCode(), range.size());
            for (int step = 0; step < range.size(); step++) {
                int number = range.first() + (start + step) % range.size();
                // No program is set to run as such a user, so a process that is it in one way is it in all.
                Path claim = claims.resolve(Integer.toString(number));
                if (!isClaimed(claim) && !ProcessIdentity.isAnybodys(number)) {
                    MachineUser user = new MachineUser(number, claim, journal.file(), purpose);
                    journal.acquire(user);
                    Files.writeString(user.claim, user.journal + "\n");
                    return user;
                }
            }
        } catch (IOException e) {
            throw new FcvmException(
                    Kind.HOST, "cannot claim a user for the machine in %s: %s".formatted(claims, IoReason.of(e)), e);
        }
        throw new FcvmException(
                Kind.IN_USE,
                "all %d users for machines (%d-%d) are in use: set FCVM_JAILER_UIDS to a larger range"
                        .formatted(range.size(), range.first(), range.last()));
    }

    /** Returns whether there is the journal that a claim names. One whose journal is gone is nobody's, and is replaced. */
    private static boolean isClaimed(Path claim) throws IOException {
        try {
            String journal = Files.readString(claim).strip();
            return !journal.isEmpty() && Files.exists(Path.of(journal));
        } catch (NoSuchFileException nobodys) {
            return false;
        }
    }

    @Override
    public String kind() {
        return KIND.name();
    }

    @Override
    public Map<String, String> fields() {
        return Map.of(
                "number",
                Integer.toString(number),
                "claim",
                claim.toString(),
                "journal",
                journal.toString(),
                "purpose",
                purpose.name().toLowerCase(Locale.ROOT));
    }

    /** Gives it back, unless it is another machine's by now. */
    @Override
    public void release() throws FcvmException, InterruptedException {
        try (LockFile _ = LockFile.exclusive(claim.resolveSibling("lock"))) {
            if (Files.readString(claim).strip().equals(journal.toString())) {
                Files.deleteIfExists(claim);
            }
        } catch (NoSuchFileException gone) {
            return; // or never made
        } catch (IOException e) {
            throw new FcvmException(
                    Kind.HOST,
                    "cannot give the machine's user %d back: %s: %s".formatted(number, claim, IoReason.of(e)),
                    e);
        }
    }
}
