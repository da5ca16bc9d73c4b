package dev.fcvm.machine.spec;

import dev.fcvm.error.FcvmException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much a machine and its container get. {@code --memory} and {@code --cpus} limit the container, as with Podman; the
 * machine around it is made as large as that needs.
 *
 * @param vcpus the machine's virtual CPUs
 * @param memoryMib the machine's memory in MiB
 * @param containerCpus the container's limit, as Podman is to be told
 * @param containerMemory the container's limit in bytes
 */
public record Resources(int vcpus, long memoryMib, Optional<BigDecimal> containerCpus, OptionalLong containerMemory) {

    private static final long MIB = 1L << 20;

    /** The least a machine gets, and all it gets when nothing is asked for on a host that does not lend memory. */
    static final long LEAST_MEMORY_MIB = 512;

    /**
     * The most a machine gets when nothing is asked for. More would cost, used or not: the guest's kernel keeps 64 bytes
     * for each page of 4 KiB.
     */
    static final long MOST_DEFAULT_MEMORY_MIB = 4096;

    /** What the kernel, the agent and Podman need beside the container. */
    static final long OVERHEAD_MIB = 256;

    /** Below this crun refuses to start a container. */
    static final long LEAST_MEMORY = 6 * MIB;

    /** More than this no monitor of ours is tested with. */
    static final int MOST_CPUS = 32;

    private static final Pattern SIZE =
            Pattern.compile("([0-9]{1,15}(?:\\.[0-9]{1,9})?) ?([bkmgt]?)(?:i?b)?", Pattern.CASE_INSENSITIVE);
    /** As Go reads a number, but for infinity and what is none: a processor is no such thing. */
    private static final Pattern COUNT =
            Pattern.compile("[+-]?(?:[0-9]{1,9}\\.?[0-9]{0,9}|\\.[0-9]{1,9})(?:[eE][+-]?[0-9]{1,3})?");

    private static final Pattern HEXADECIMAL =
            Pattern.compile("[+-]?0[xX][0-9a-fA-F]{1,8}(?:\\.[0-9a-fA-F]{1,8})?[pP][+-]?[0-9]{1,2}");

    /** What the kernel gives in its period of 100 ms is 1 ms at least. */
    private static final BigDecimal LEAST_CPUS = new BigDecimal("0.01");

    /**
     * What the host has.
     *
     * @param cpus its CPUs
     * @param memoryMib its memory in MiB
     * @param kvm whether the machine will run on KVM
     * @param shareMib what a machine may have that asks for nothing, in MiB; it costs when it is touched, not before
     */
    public record Capacity(int cpus, long memoryMib, boolean kvm, long shareMib) {}

    /**
     * Works it out.
     *
     * @param cpus {@code --cpus} as given
     * @param memory {@code --memory} as given
     * @throws FcvmException when a number is none, or absurd on this host
     */
    public static Resources of(Optional<String> cpus, Optional<String> memory, Capacity host) throws FcvmException {
        // 0, or less, means no limit, as with Podman.
        Optional<BigDecimal> count = cpus.isPresent()
                ? Optional.of(count(cpus.get(), host)).filter(value -> value.signum() > 0)
                : Optional.empty();
        OptionalLong limit = memory.isPresent() ? limit(memory.get(), host) : OptionalLong.empty();
        return new Resources(
                count.map(value -> value.setScale(0, RoundingMode.CEILING).intValueExact())
                        .orElse(defaultCpus(host)),
                limit.isPresent()
                        ? rung(Math.ceilDiv(limit.getAsLong(), MIB) + OVERHEAD_MIB, host)
                        : Math.clamp(host.shareMib(), LEAST_MEMORY_MIB, MOST_DEFAULT_MEMORY_MIB),
                count,
                limit);
    }

    /**
     * Returns the size of machine for so much memory: one of a few, so that machines of many limits start from the same warm
     * base. 512 MiB, 768 MiB, and on from each by doubling. What is not touched costs nothing, but where the host counts it.
     */
    private static long rung(long neededMib, Capacity host) {
        if (host.shareMib() < LEAST_MEMORY_MIB) {
            return Math.max(LEAST_MEMORY_MIB, neededMib);
        }
        long rung = LEAST_MEMORY_MIB;
        while (rung < neededMib) {
            rung = Long.bitCount(rung) == 1 ? rung / 2 * 3 : rung / 3 * 4;
        }
        return rung <= host.memoryMib() ? rung : neededMib;
    }

    /** Returns how large a machine is that is there. */
    public static Resources of(MachineSpec spec) {
        return new Resources(
                spec.vcpus(),
                spec.memoryMib(),
                Optional.empty(),
                spec.containerMemory() > 0 ? OptionalLong.of(spec.containerMemory()) : OptionalLong.empty());
    }

    /** Says what to do about memory that ran out. */
    public String outOfMemory() {
        String happened = "memory ran out, and the kernel of the machine killed a process: ";
        return containerMemory.isPresent()
                ? happened + "--memory lets the container use " + containerMemory.getAsLong() / MIB
                        + " MiB; give it more"
                : happened + "the machine has " + memoryMib + " MiB; give it more with --memory";
    }

    /** Emulated CPUs share their host's too badly for a second one to help. */
    private static int defaultCpus(Capacity host) {
        return host.kvm() ? Math.min(2, host.cpus()) : 1;
    }

    private static BigDecimal count(String text, Capacity host) throws FcvmException {
        int most = Math.min(host.cpus(), MOST_CPUS);
        if (COUNT.matcher(text).matches() || HEXADECIMAL.matcher(text).matches()) {
            BigDecimal value = HEXADECIMAL.matcher(text).matches()
                    ? new BigDecimal(Double.parseDouble(text))
                    : new BigDecimal(text);
            if (value.signum() > 0 && value.compareTo(LEAST_CPUS) < 0) {
                throw new FcvmException(
                        FcvmException.Kind.USAGE,
                        "--cpus is \"" + text + "\": CPU cfs quota cannot be less than 1ms; give at least "
                                + LEAST_CPUS);
            }
            if (value.compareTo(BigDecimal.valueOf(most)) <= 0) {
                return value;
            }
        }
        throw new FcvmException(
                FcvmException.Kind.USAGE,
                "--cpus is \"" + text + "\": it must be a number of at most " + most
                        + ", which is what this host has for a machine, or 0 for no limit");
    }

    private static OptionalLong limit(String text, Capacity host) throws FcvmException {
        Matcher size = SIZE.matcher(text);
        if (!size.matches()) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE,
                    "--memory is \"" + text + "\": it must be a number with b, k, m or g behind it, such as 512m");
        }
        BigDecimal bytes = new BigDecimal(size.group(1))
                .multiply(new BigDecimal(unit(size.group(2).toLowerCase(Locale.ROOT))));
        if (bytes.signum() == 0) {
            return OptionalLong.empty();
        }
        if (bytes.compareTo(BigDecimal.valueOf(LEAST_MEMORY)) < 0) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE, "--memory is \"" + text + "\": a container needs at least 6m");
        }
        BigDecimal most = BigDecimal.valueOf((host.memoryMib() - OVERHEAD_MIB) * MIB);
        if (bytes.compareTo(most) > 0) {
            throw new FcvmException(
                    FcvmException.Kind.USAGE,
                    "--memory is \"" + text + "\": this host has " + host.memoryMib() + " MiB, of which the machine"
                            + " itself needs " + OVERHEAD_MIB + "; ask for less");
        }
        return OptionalLong.of(bytes.longValue());
    }

    private static long unit(String letter) {
        return switch (letter) {
            case "k" -> 1L << 10;
            case "m" -> 1L << 20;
            case "g" -> 1L << 30;
            case "t" -> 1L << 40;
            default -> 1L;
        };
    }
}
