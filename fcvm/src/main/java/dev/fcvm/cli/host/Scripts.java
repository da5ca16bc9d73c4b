package dev.fcvm.cli.host;

import dev.fcvm.error.FcvmException;
import dev.fcvm.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The distribution's scripts. */
final class Scripts {

    private Scripts() {}

    /** Returns where a script lies. */
    static Path find(Settings settings, String name) throws FcvmException {
        Path script = settings.scripts().resolve(name);
        if (!Files.isExecutable(script)) {
            throw new FcvmException(
                    FcvmException.Kind.HOST,
                    "cannot find " + script
                            + "; start fcvm by its launcher bin/fcvm, or set FCVM_HOME to the root of the"
                            + " distribution");
        }
        return script;
    }

    /** Runs a script with this process's own streams, and returns its exit code. */
    static int run(Settings settings, String name, List<String> arguments) throws FcvmException, InterruptedException {
        var command = new ArrayList<String>();
        command.add(find(settings, name).toString());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        builder.environment().put("FCVM_DATA_DIR", settings.directories().data().toString());
        try {
            return builder.start().waitFor();
        } catch (IOException failure) {
            throw new FcvmException(
                    FcvmException.Kind.HOST, "cannot run " + command.getFirst() + ": " + failure.getMessage(), failure);
        }
    }
}
