package dev.fcvm.vmm.confine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.confine.Systemd;
import dev.fcvm.host.confine.SystemdScope;
import dev.fcvm.host.journal.Resource;
import dev.fcvm.host.journal.ResourceKind;
import dev.fcvm.host.process.MachineProcesses;
import java.util.Map;
import java.util.Optional;

/** The scope of systemd's that a machine's cgroup lies in. It goes by itself with its last process; this sees to it. */
record MachineScope(String unit) implements Resource {

    static final ResourceKind KIND = new ResourceKind(
            "scope",
            fields ->
                    new MachineScope(fields.matching("unit", MachineProcesses.CGROUP_PREFIX + "[0-9a-f]{32}\\.scope")));

    static MachineScope of(MachineId machine) {
        return new MachineScope(SystemdScope.unit(MachineProcesses.CGROUP_PREFIX + machine.value()));
    }

    @Override
    public String kind() {
        return KIND.name();
    }

    @Override
    public Map<String, String> fields() {
        return Map.of("unit", unit);
    }

    @Override
    public void release() throws FcvmException, InterruptedException {
        Optional<Systemd> systemd = Systemd.ofHost();
        if (systemd.isPresent()) { // a user's own may have ended, and all its scopes with it
            systemd.get().end(unit);
        }
    }
}
