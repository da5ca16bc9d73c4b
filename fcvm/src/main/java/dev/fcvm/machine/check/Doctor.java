package dev.fcvm.machine.check;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.confine.SystemCallFilter;
import dev.fcvm.host.file.PrivateDirectories;
import dev.fcvm.host.process.Tool;
import dev.fcvm.machine.live.Base;
import dev.fcvm.machine.live.BaseInfo;
import dev.fcvm.machine.live.Isolations;
import dev.fcvm.machine.store.MachineStore;
import dev.fcvm.machine.store.StoredMachine;
import dev.fcvm.machine.store.Sweep;
import dev.fcvm.machine.store.Vmms;
import dev.fcvm.net.privileged.HostFirewalls;
import dev.fcvm.settings.Settings;
import dev.fcvm.vmm.VmSpec.Isolation;
import dev.fcvm.vmm.confine.HostLimits;
import dev.fcvm.vmm.select.VmmChoice;
import io.avaje.jsonb.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Judges whether machines can run here and now: what preflight says of the host, and what only fcvm itself knows. */
public final class Doctor {

    private final Settings settings;
    private final Clock clock;

    /** Makes one for these settings. */
    public Doctor(Settings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
    }

    /**
     * What was found.
     *
     * @param checks what was looked at
     * @param usable whether {@code fcvm run} could boot a machine now
     */
    @Json
    public record Report(List<Check> checks, boolean usable) {
        public Report {
            checks = List.copyOf(checks);
        }
    }

    /** Examines everything; changes nothing but the kept verdict on KVM. */
    public Report examine() throws FcvmException, InterruptedException {
        return examine(List.of());
    }

    /**
     * The same, and boots a machine on each monitor that could run here, to the first word of its agent. An interruption
     * ends that in order.
     */
    public Report examineByBooting() throws FcvmException, InterruptedException {
        return examine(new BootTrial(settings, clock).all());
    }

    private Report examine(List<Check> boots) throws FcvmException, InterruptedException {
        Preflight.Report host = Preflight.ask(settings);
        List<Check> own = Stream.of(
                        Stream.of(base(), mode(), limits(), filter(), monitor(), leftovers()),
                        firewalls().stream(),
                        boots.stream())
                .flatMap(checks -> checks)
                .toList();
        var all = new ArrayList<>(host.checks());
        all.addAll(own);
        boolean usable =
                host.usable() && own.stream().noneMatch(check -> check.status().equals(Check.MISSING));
        return new Report(all, usable);
    }

    private Check base() {
        try {
            Base base = Base.find(settings);
            List<Path> absent = Stream.of(base.kernel(), base.initramfs(), base.rootfs())
                    .filter(file -> !Files.isReadable(file))
                    .toList();
            if (!absent.isEmpty()) {
                return new Check("base", "base", Check.MISSING, "not readable: " + absent, "fcvm init");
            }
            BaseInfo info = base.info();
            Path stock = settings.directories().base().resolve("vmlinux");
            return new Check(
                    "base",
                    "base",
                    Check.OK,
                    "Debian %s, Podman %s, kernel %s, agent %s, made %s; in %s"
                            .formatted(
                                    info.suite(),
                                    info.podman(),
                                    base.kernel().equals(stock) ? info.kernelRelease() : base.kernel(),
                                    info.agent(),
                                    info.created(),
                                    settings.directories().base()),
                    "");
        } catch (FcvmException unusable) {
            return failed("base", "base", unusable, "fcvm init");
        }
    }

    private Check mode() {
        try {
            Isolation isolation = Isolations.choose(settings.mode());
            String chosen = isolation.name().toLowerCase(Locale.ROOT);
            return new Check(
                    "mode",
                    "--mode " + settings.mode().name().toLowerCase(Locale.ROOT),
                    Check.OK,
                    isolation == Isolation.PRIVILEGED
                            ? chosen + ": this user is root"
                            : chosen + ": machines run as this user",
                    "");
        } catch (FcvmException refused) {
            return failed("mode", "mode", refused, "");
        }
    }

    /** What preflight says of cgroups is what it may do; here it is tried by what would do it. */
    private Check limits() {
        List<String> lacking = HostLimits.lacking();
        if (lacking.isEmpty()) {
            return new Check(
                    "limits",
                    "limits",
                    Check.OK,
                    "memory, cpu and pids of a machine's monitor",
                    HostLimits.endWithLogin() ? "loginctl enable-linger keeps machines when you have logged out" : "");
        }
        boolean refused = isPrivileged() && !settings.noLimits();
        return new Check(
                "limits",
                "limits",
                refused ? Check.MISSING : Check.WARN,
                "no cgroup can be made for: " + String.join(", ", lacking)
                        + (refused ? "; root's machines are refused without" : "; machines are not limited by them"),
                isPrivileged()
                        ? "mount -o remount,rw /sys/fs/cgroup, or FCVM_NO_LIMITS=yes"
                        : "apt install libpam-systemd dbus-user-session, and log in anew");
    }

    private static Check filter() {
        if (SystemCallFilter.program().isPresent()) {
            return new Check(
                    "filter", "filter", Check.OK, "what serves a machine's network makes few system calls", "");
        }
        return new Check(
                "filter",
                "filter",
                Check.WARN,
                "the system calls of dnsmasq, vde_switch and vde_plug2tap are not filtered: this fcvm was built without"
                        + " a C compiler",
                "apt install gcc libc6-dev, and build it again");
    }

    private boolean isPrivileged() {
        try {
            return Isolations.choose(settings.mode()) == Isolation.PRIVILEGED;
        } catch (FcvmException refused) {
            return false; // told by its own check
        }
    }

    private Check monitor() throws InterruptedException {
        String title = "--vmm " + settings.vmm().name().toLowerCase(Locale.ROOT);
        try {
            VmmChoice choice = Vmms.choose(settings);
            return new Check("vmm", title, Check.OK, choice.reason(), "");
        } catch (FcvmException refused) {
            return failed("vmm", title, refused, "");
        }
    }

    private Check leftovers() throws InterruptedException {
        try {
            List<StoredMachine> orphans = new Sweep(MachineStore.open(settings.directories()), clock).find();
            if (orphans.isEmpty()) {
                return new Check("leftovers", "leftovers", Check.OK, "none", "");
            }
            String names = String.join(
                    ", ",
                    orphans.stream().map(machine -> machine.name().value()).toList());
            return new Check(
                    "leftovers",
                    "leftovers",
                    Check.WARN,
                    "machines whose fcvm was killed: " + names + "; the next run clears them away",
                    "fcvm rm -f " + names.replace(",", ""));
        } catch (FcvmException failure) {
            return failed("leftovers", "leftovers", failure, "");
        }
    }

    /** What other firewalls would drop; only root's machines pass them, and only root sees them. */
    private List<Check> firewalls() throws InterruptedException {
        if (PrivateDirectories.currentUser() != 0) {
            return List.of();
        }
        try {
            Tool.Result chains =
                    Tool.named("nft", "nftables").with("list", "chains").run();
            return HostFirewalls.conflicts(chains.output(), settings.networkPool()).stream()
                    .map(conflict -> new Check(
                            "firewall",
                            "firewall",
                            Check.WARN,
                            conflict.what() + "; machines with --mode privileged would have no network",
                            conflict.remedy()))
                    .toList();
        } catch (FcvmException unknown) {
            return List.of(new Check("firewall", "firewall", Check.WARN, String.valueOf(unknown.getMessage()), ""));
        }
    }

    private static Check failed(String id, String title, FcvmException failure, String fix) {
        return new Check(id, title, Check.MISSING, String.valueOf(failure.getMessage()), fix);
    }
}
