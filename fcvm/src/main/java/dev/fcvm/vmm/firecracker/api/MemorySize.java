package dev.fcvm.vmm.firecracker.api;

/** An amount of memory, which Firecracker counts in MiB throughout. */
public record MemorySize(long mebibytes) {

    public MemorySize {
        if (mebibytes < 0) {
            throw new IllegalArgumentException("a negative amount of memory: " + mebibytes);
        }
    }

    /** Returns so many MiB. */
    public static MemorySize ofMebibytes(long mebibytes) {
        return new MemorySize(mebibytes);
    }

    /** Returns the amount in bytes. */
    public long bytes() {
        return Math.multiplyExact(mebibytes, 1L << 20);
    }

    @Override
    public String toString() {
        return mebibytes + " MiB";
    }
}
