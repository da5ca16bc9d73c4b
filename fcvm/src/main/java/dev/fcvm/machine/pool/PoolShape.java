package dev.fcvm.machine.pool;

import dev.fcvm.net.flags.NetworkRequestDocument;
import dev.fcvm.settings.DataSize;
import dev.fcvm.settings.InitSystem;
import dev.fcvm.settings.Settings;
import io.avaje.jsonb.Json;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What machines of a warm base are that wait without an image: {@code fcvm run} takes one where it asks for the same. Texts
 * are empty, and numbers 0, for what was not asked for.
 *
 * @param cpus as {@code --cpus} has them
 * @param memory as {@code --memory} has it
 * @param kernel the guest's kernel
 * @param kernelArguments what is added to its command line
 * @param init what is process 1
 * @param diskSize the size of a machine's disk, in bytes
 * @param network the network they have
 */
@Json
public record PoolShape(
        String cpus,
        String memory,
        String kernel,
        List<String> kernelArguments,
        String init,
        long diskSize,
        NetworkRequestDocument network) {

    /** A damaged document lacks fields. */
    public PoolShape {
        cpus = Objects.requireNonNullElse(cpus, "");
        memory = Objects.requireNonNullElse(memory, "");
        kernel = Objects.requireNonNullElse(kernel, "");
        kernelArguments = List.copyOf(Objects.requireNonNullElse(kernelArguments, List.of()));
        init = Objects.requireNonNullElse(init, "");
    }

    /** Describes what is asked for. */
    public static PoolShape of(
            Optional<String> cpus, Optional<String> memory, NetworkRequestDocument network, Settings settings) {
        return new PoolShape(
                cpus.orElse(""),
                memory.orElse(""),
                settings.kernel().map(Path::toString).orElse(""),
                settings.kernelArguments(),
                settings.init().word(),
                settings.diskSize().map(DataSize::bytes).orElse(0L),
                network);
    }

    Settings over(Settings own) {
        return own.making(
                kernel.isEmpty() ? Optional.empty() : Optional.of(Path.of(kernel)),
                kernelArguments,
                Arrays.stream(InitSystem.values())
                        .filter(one -> one.word().equals(init))
                        .findFirst()
                        .orElse(own.init()),
                diskSize > 0 ? Optional.of(new DataSize(diskSize)) : Optional.empty());
    }

    /** Returns {@code --cpus}. */
    public Optional<String> wantedCpus() {
        return Optional.of(cpus).filter(text -> !text.isEmpty());
    }

    /** Returns {@code --memory}. */
    public Optional<String> wantedMemory() {
        return Optional.of(memory).filter(text -> !text.isEmpty());
    }
}
