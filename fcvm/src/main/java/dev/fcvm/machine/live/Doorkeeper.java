package dev.fcvm.machine.live;

import dev.fcvm.host.MachineId;
import dev.fcvm.machine.store.MachineFiles;
import dev.fcvm.net.port.WaitingPorts;
import java.util.Optional;

/** Lets those wait who call a machine that is suspended, or about to be. */
public interface Doorkeeper {

    /** Its network has closed its ports: callers wait at them from here on. */
    void open(MachineFiles files);

    /** Returns the ports of a machine that goes on, for its network; callers wait at them until that is there. */
    Optional<WaitingPorts> take(MachineId id);
}
