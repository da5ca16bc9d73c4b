package dev.fcvm.volume.flags;

import dev.fcvm.volume.MapMode;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * What a flag means beside its text.
 *
 * @param mode of directories that name none
 * @param paths makes a path of the caller's absolute
 */
record FlagContext(MapMode mode, Function<String, Path> paths) {}
