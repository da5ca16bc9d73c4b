package dev.fcvm.cli.volume;

import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.host.text.RawText;
import dev.fcvm.volume.flags.MappingFlags;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Flags that put something of the host at a path of the container. */
public final class MappingOptions {

    @Option(
            names = "--map",
            paramLabel = "HOST:GUEST[:ro|rw][,WORD…]",
            description = "Map a directory or file of this host. Words: mode=block|sshfs|nfs, size=SIZE,"
                    + " sync=back|none, create=BOOL, idmap=host|user.")
    List<String> maps = new ArrayList<>();

    @Option(
            names = "--map-mode",
            paramLabel = "block|sshfs|nfs",
            description = "How directories are mapped whose flag names no mode. Default: block.")
    @Nullable String mode;

    @Option(
            names = {"-v", "--volume"},
            paramLabel = "[SOURCE:]DIR[:WORDS]",
            description = "Map a directory of this host, or a volume by its name; DIR alone is an unnamed volume.")
    List<String> volumes = new ArrayList<>();

    @Option(
            names = "--mount",
            paramLabel = "type=TYPE,…",
            description = "The same (type=bind, type=volume), or mount a tmpfs, ramfs or devpts.")
    List<String> mounts = new ArrayList<>();

    /** Reads them. */
    public MappingFlags.Read read(CommandContext context) throws FcvmException {
        return new MappingFlags(Optional.ofNullable(mode), text -> path(context, text)).read(maps, volumes, mounts);
    }

    /** A mapping is written down, which a name that is no UTF-8 cannot be. Podman's runtime refuses such a one as well. */
    private static Path path(CommandContext context, String text) {
        if (RawText.isRaw(text)) {
            throw new InvalidPathException(
                    RawText.replaced(text),
                    "what is mapped needs a name in UTF-8; rename it, or map the directory above it");
        }
        return context.path(text);
    }
}
