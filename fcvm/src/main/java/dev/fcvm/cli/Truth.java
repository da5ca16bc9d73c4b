package dev.fcvm.cli;

import dev.fcvm.machine.podman.RunFlags;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the value of a switch, as in {@code --rm=0}, in all words that Podman's library has for it. */
final class Truth implements ITypeConverter<Boolean> {

    /** Has a command line and all commands below it read switches so. */
    static void on(CommandLine line) {
        line.registerConverter(Boolean.class, new Truth());
        line.registerConverter(boolean.class, new Truth());
    }

    @Override
    public Boolean convert(String value) {
        if (!RunFlags.isYes(value) && !RunFlags.isNo(value)) {
            throw new TypeConversionException("'" + value + "' is not a boolean");
        }
        return RunFlags.isYes(value);
    }
}
