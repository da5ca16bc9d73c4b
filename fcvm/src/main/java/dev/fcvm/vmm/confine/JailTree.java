package dev.fcvm.vmm.confine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.file.DirectoryTree;
import dev.fcvm.host.journal.Resource;
import dev.fcvm.host.journal.ResourceKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** The directory in the machine's own that the confinement and the monitor's keeper have their files in. */
record JailTree(Path directory) implements Resource {

    static final String NAME = "jail";

    static final ResourceKind KIND = new ResourceKind("jail", fields -> {
        Path directory = fields.path("directory");
        if (!directory.endsWith(NAME)) {
            throw new IOException("it is no jail: " + directory);
        }
        return new JailTree(directory);
    });

    @Override
    public String kind() {
        return KIND.name();
    }

    @Override
    public Map<String, String> fields() {
        return Map.of("directory", directory.toString());
    }

    @Override
    public void release() throws FcvmException {
        try {
            DirectoryTree.delete(directory);
        } catch (IOException e) {
            throw new FcvmException(Kind.HOST, "cannot delete %s: %s".formatted(directory, IoReason.of(e)), e);
        }
    }
}
