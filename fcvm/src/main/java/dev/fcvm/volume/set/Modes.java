package dev.fcvm.volume.set;

import dev.fcvm.error.FcvmException;
import dev.fcvm.volume.MapMode;
import dev.fcvm.volume.MappingMode;

/** The ways there are to bring a directory into a machine. */
final class Modes {

    private Modes() {}

    /** Finds the code of a mode. */
    static MappingMode of(MapMode mode) throws FcvmException {
        throw new FcvmException(
                FcvmException.Kind.USAGE, "mode=" + mode.word() + " is not there yet; directories cannot be mapped");
    }
}
