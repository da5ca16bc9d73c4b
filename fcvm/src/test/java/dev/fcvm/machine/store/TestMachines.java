package dev.fcvm.machine.store;

import dev.fcvm.error.FcvmException;
import dev.fcvm.machine.event.EventLog;
import dev.fcvm.machine.log.OutputLog;
import dev.fcvm.machine.spec.MachineSpec;
import dev.fcvm.machine.spec.Readiness;
import dev.fcvm.net.flags.GuestNames;
import dev.fcvm.net.flags.NetworkRequest;
import dev.fcvm.net.flags.NetworkRequestDocument;
import dev.fcvm.settings.Directories;
import dev.fcvm.vmm.RateLimits;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;

/** Machines for tests of their store. */
final class TestMachines {

    static final Clock CLOCK = Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC);

    private TestMachines() {}

    static World world(MachineStore store, Directories directories) {
        return new World(
                store,
                new EventLog(directories.data()),
                new ExitRecords(directories.data().resolve("exits"), CLOCK),
                CLOCK,
                line -> {});
    }

    static void letGo(OwnedMachine machine) throws FcvmException {
        machine.letGo();
        machine.close();
    }

    static MachineSpec spec(OwnedMachine machine, boolean keep) {
        return new MachineSpec(
                MachineSpec.VERSION,
                machine.files().id().value(),
                machine.name().value(),
                CLOCK.instant().toString(),
                "alpine",
                "sha256:0",
                "0",
                "/store/disk",
                "qemu",
                false,
                "rootless",
                1,
                512,
                0,
                "box",
                keep,
                false,
                false,
                15,
                10,
                OutputLog.DEFAULT_LIMIT,
                "",
                List.of(),
                "tiny",
                NetworkRequestDocument.of(NetworkRequest.without(GuestNames.HOSTS)),
                MachineSpec.Rates.of(RateLimits.NONE),
                List.of("a=b"),
                List.of("--rm", "--name=" + machine.name()),
                List.of("true"),
                List.of(),
                List.of(),
                new Readiness("", "", false),
                0);
    }
}
