package dev.fcvm.machine.pool;

import dev.fcvm.settings.DataSize;
import java.util.Optional;

/**
 * How much of the host's memory machines that nobody uses may take.
 *
 * @param wanted how many bytes the user allows one pool; 0 for none in particular
 */
record MemoryBound(long wanted) {

    /** What a host that is short of memory is left with. */
    private static final long LEFT = 512L << 20;

    /**
     * What there is at one moment, in bytes.
     *
     * @param own what the machines of this pool take
     * @param all what those of all pools take
     * @param available what the host would give to whoever asked for it now
     */
    record Memory(long own, long all, long available) {}

    /**
     * Returns why there is to be no further machine.
     *
     * @param each what it would take
     */
    Optional<String> refusal(Memory now, long each) {
        if (wanted > 0 && now.own() + each > wanted) {
            return Optional.of("one more machine takes about " + new DataSize(each)
                    + ", and with it they would pass the " + new DataSize(wanted) + " of --max-memory");
        }
        if (wanted == 0 && now.all() + each > half(now)) {
            return Optional.of("one more machine takes about " + new DataSize(each)
                    + ", and all pools may take half of the memory that is available, " + new DataSize(half(now))
                    + "; --max-memory allows more");
        }
        if (now.available() - each < LEFT) {
            return Optional.of("one more machine takes about " + new DataSize(each) + ", and the host has "
                    + new DataSize(now.available()) + " of memory available, of which " + new DataSize(LEFT)
                    + " are left alone");
        }
        return Optional.empty();
    }

    /** Returns whether there are too many by now, as the machines or others have come to take more. */
    boolean isPassed(Memory now) {
        return wanted > 0 ? now.own() > wanted : now.all() > half(now);
    }

    private static long half(Memory now) {
        return (now.available() + now.all()) / 2;
    }
}
