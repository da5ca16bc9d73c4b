package dev.fcvm.vmm.confine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.journal.Resource;
import dev.fcvm.host.journal.ResourceKind;
import dev.fcvm.host.process.MachineProcesses;
import java.util.Map;

/** All processes of a machine: its monitor, and what serves it beside. They are found by the machine's id. */
public record MonitorProcesses(MachineId machine) implements Resource {

    static final ResourceKind KIND = new ResourceKind(
            "processes", fields -> new MonitorProcesses(new MachineId(fields.matching("machine", "[0-9a-f]{32}"))));

    @Override
    public String kind() {
        return KIND.name();
    }

    @Override
    public Map<String, String> fields() {
        return Map.of("machine", machine.value());
    }

    @Override
    public void release() throws FcvmException {
        if (!new MachineProcesses(machine).killAll()) {
            throw new FcvmException(
                    Kind.HOST,
                    "processes of machine %s do not end: they hang in the kernel; see which with: ps -eo pid,stat,wchan,args"
                            .formatted(machine.brief()));
        }
    }
}
