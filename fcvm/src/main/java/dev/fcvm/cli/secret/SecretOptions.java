package dev.fcvm.cli.secret;

import dev.fcvm.command.CommandContext;
import dev.fcvm.error.FcvmException;
import dev.fcvm.volume.secret.SecretFlag;
import dev.fcvm.volume.secret.WantedSecret;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The flag that hands a container a secret. */
public final class SecretOptions {

    @Option(
            names = "--secret",
            paramLabel = "SECRET[,OPTION=VALUE]",
            description = "Hand it a secret of the store (fcvm secret), or of a file: id=NAME,src=FILE. Options:"
                    + " type=mount|env, target=NAME, uid=, gid=, mode=.")
    List<String> values = new ArrayList<>();

    /** Reads it. */
    public List<WantedSecret> read(CommandContext context) throws FcvmException {
        return SecretFlag.read(values, context::path);
    }
}
