package dev.fcvm.machine.spec;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.machine.session.RunListener;
import dev.fcvm.settings.Settings;
import dev.fcvm.vmm.VmSpec.Isolation;
import dev.fcvm.vmm.confine.HostLimits;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Sees to it that nobody's machine is without limits unknown to them. */
public final class LimitsCheck {

    private LimitsCheck() {}

    /**
     * Checks before anything is touched.
     *
     * @throws FcvmException when root's machine could not be limited and nobody has said that this is all right
     */
    public static void check(Isolation isolation, Settings settings, RunListener listener) throws FcvmException {
        if (settings.noLimits()) {
            return;
        }
        List<String> lacking = HostLimits.lacking();
        if (lacking.isEmpty()) {
            return;
        }
        String what = String.join(", ", lacking);
        if (isolation == Isolation.PRIVILEGED) {
            throw new FcvmException(
                    Kind.HOST,
                    "the machine's monitor cannot be limited (" + what + "): no cgroup can be made here; run fcvm where"
                            + " /sys/fs/cgroup is mounted and writable, or do without limits: --no-limits");
        }
        String line =
                "the machine's monitor is not limited (" + what + "): no cgroup is delegated to this user; for one:"
                        + " systemd-run --user --scope -p Delegate=yes fcvm run …; FCVM_NO_LIMITS=yes in .env says that you know";
        if (isFirst(settings.directories().data())) {
            listener.warn(line + " (said once)");
        } else {
            listener.note(line);
        }
    }

    private static boolean isFirst(Path data) {
        try {
            Files.createDirectories(data);
            Files.createFile(data.resolve(".limits-warned"));
            return true;
        } catch (FileAlreadyExistsException said) {
            return false;
        } catch (IOException unwritable) {
            return true; // it is told what is wrong with the directory next
        }
    }
}
