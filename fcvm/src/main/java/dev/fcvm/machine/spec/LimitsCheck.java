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
            if (HostLimits.endWithLogin()) {
                tell(
                        "machines of this user end with the last login, as systemd ends all that is the user's then; to keep them:"
                                + " loginctl enable-linger",
                        ".linger-warned",
                        settings,
                        listener);
            }
            return;
        }
        String what = String.join(", ", lacking);
        if (isolation == Isolation.PRIVILEGED) {
            throw new FcvmException(
                    Kind.HOST,
                    "the machine's monitor cannot be limited (" + what + "): no cgroup can be made here; run fcvm where"
                            + " /sys/fs/cgroup is mounted and writable, or do without limits: --no-limits");
        }
        String line = "the machine's monitor is not limited (" + what
                + "): no cgroup is delegated to this user, and no systemd of"
                + " the user's makes one; for one: apt install libpam-systemd dbus-user-session, and log in anew;"
                + " FCVM_NO_LIMITS=yes in .env says that you know";
        tell(line, ".limits-warned", settings, listener);
    }

    private static void tell(String line, String mark, Settings settings, RunListener listener) {
        if (isFirst(settings.directories().data(), mark)) {
            listener.warn(line + " (said once)");
        } else {
            listener.note(line);
        }
    }

    private static boolean isFirst(Path data, String mark) {
        try {
            Files.createDirectories(data);
            Files.createFile(data.resolve(mark));
            return true;
        } catch (FileAlreadyExistsException said) {
            return false;
        } catch (IOException unwritable) {
            return true; // it is told what is wrong with the directory next
        }
    }
}
