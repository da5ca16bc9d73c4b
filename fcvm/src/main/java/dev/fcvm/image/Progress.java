package dev.fcvm.image;

/** Hears how the fetching of an image goes on. Called from several threads, one at a time for each step. */
public interface Progress {

    /** A step has begun, for example {@code fetching docker.io/library/alpine:3}. */
    void step(String what);

    /**
     * Bytes have come.
     *
     * @param done how many by now
     * @param total how many in all, 0 when it is not known
     */
    void bytes(long done, long total);

    /** Something differs from what was asked for, for example {@code a:1 has 2 device nodes, which are left out}. */
    void note(String what);

    /** There is nothing more to tell; called once, on every path. */
    void finished();

    /** Returns one that tells nobody. */
    static Progress silent() {
        return new Progress() {
            @Override
            public void step(String what) {}

            @Override
            public void bytes(long done, long total) {}

            @Override
            public void note(String what) {}

            @Override
            public void finished() {}
        };
    }
}
