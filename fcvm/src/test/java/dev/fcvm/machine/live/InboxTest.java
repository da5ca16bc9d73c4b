package dev.fcvm.machine.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.agent.AgentEvent;
import dev.fcvm.machine.session.RunEvent;
import dev.fcvm.vmm.VmExit;
import org.junit.jupiter.api.Test;

/** What is wanted of a machine, and what happens to it. */
final class InboxTest {

    @Test
    void shouldKeepWhatUsersWantWhenAMonitorIsGivenUp() {
        var inbox = new Inbox();
        var before = inbox.queue();
        inbox.tell(new RunEvent.FromAgent(new AgentEvent.Gone("closed")));
        inbox.tell(new RunEvent.Kill());
        inbox.tell(new RunEvent.MachineEnded(new VmExit.Killed()));
        inbox.beginAnew();
        before.add(new RunEvent.MachineEnded(new VmExit.Killed()));
        assertThat(inbox.queue()).containsExactly(new RunEvent.Kill());
    }
}
