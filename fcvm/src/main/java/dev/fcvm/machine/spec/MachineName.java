package dev.fcvm.machine.spec;

import dev.fcvm.error.FcvmException;
import dev.fcvm.plan.Plan;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * The name of a machine, unique among a user's machines.
 *
 * @param value letters, digits, and not at the beginning {@code _}, {@code .} and {@code -}
 */
public record MachineName(String value) {

    private static final Pattern FORM = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]*");
    private static final int LONGEST = Plan.MAX_NAME_LENGTH;
    private static final List<String> ADJECTIVES = List.of(
            "agile", "amber", "brave", "brisk", "calm", "clever", "crisp", "eager", "fair", "fast", "fond", "gentle",
            "glad", "grand", "happy", "keen", "kind", "light", "lively", "lucid", "mellow", "merry", "modest", "neat",
            "nimble", "noble", "plain", "proud", "quick", "quiet", "rapid", "ready", "sharp", "silent", "smart", "snug",
            "sober", "solid", "stout", "sturdy", "sunny", "swift", "tidy", "tough", "vivid", "warm", "wise", "witty");
    private static final List<String> NOUNS = List.of(
            "acorn", "alder", "anchor", "badger", "beacon", "birch", "bison", "brook", "canyon", "cedar", "cliff",
            "comet", "coral", "crane", "delta", "ember", "falcon", "fern", "finch", "fjord", "glacier", "harbor",
            "heron", "island", "jasper", "kestrel", "lagoon", "lantern", "larch", "lynx", "maple", "marten", "meadow",
            "meteor", "orchid", "osprey", "otter", "pebble", "plover", "quartz", "raven", "reef", "river", "spruce",
            "summit", "swallow", "thistle", "tundra", "walnut", "willow");

    public MachineName {
        if (!isWellFormed(value)) {
            throw new IllegalArgumentException("not a machine name: " + value);
        }
    }

    /** Takes a name from the user. */
    public static MachineName parse(String value) throws FcvmException {
        if (!isWellFormed(value)) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE,
                    "the name \"" + value + "\" is malformed: use letters, digits, \"_\", \".\" and \"-\", beginning"
                            + " with a letter or digit, at most " + LONGEST + " characters");
        }
        return new MachineName(value);
    }

    /** Makes one up, such as {@code brave_otter}. */
    public static MachineName random(RandomGenerator random) {
        return new MachineName(
                ADJECTIVES.get(random.nextInt(ADJECTIVES.size())) + "_" + NOUNS.get(random.nextInt(NOUNS.size())));
    }

    /** Returns whether a machine may be called so. */
    public static boolean isWellFormed(String value) {
        return value.length() <= LONGEST && FORM.matcher(value).matches();
    }

    @Override
    public String toString() {
        return value;
    }
}
