package dev.fcvm.machine.live;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.host.Pending;
import dev.fcvm.machine.disk.ScratchDisk;
import dev.fcvm.machine.session.Audience;
import dev.fcvm.machine.session.Conversation;
import dev.fcvm.machine.session.Phase;
import dev.fcvm.machine.session.RunEvent;
import dev.fcvm.machine.store.MachineFiles;
import dev.fcvm.machine.warm.WarmBases;
import dev.fcvm.machine.warm.WarmStart;
import dev.fcvm.machine.warm.WarmStartFailed;
import dev.fcvm.plan.MountSource;
import dev.fcvm.plan.Plan;
import dev.fcvm.snapshot.Snapshot;
import dev.fcvm.vmm.RunningVm;
import dev.fcvm.vmm.VmSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;

/** A machine's start from its warm base, up to where it is one of its own and could as well have booted. */
final class Warmth {

    private final Standing standing;
    private final Audience audience;

    Warmth(Standing standing, Audience audience) {
        this.standing = standing;
        this.audience = audience;
    }

    /** Starts a monitor with what was saved. It stands still. */
    BootingMachine restore(Launch launch, VmSpec vm) throws InterruptedException, WarmStartFailed {
        Snapshot base = launch.warm().flatMap(WarmStart::base).orElseThrow();
        try {
            return BootingMachine.restore(
                    launch.settings(),
                    launch.vmm(),
                    vm,
                    base.vm(),
                    standing.owned().journal(),
                    audience);
        } catch (FcvmException failure) {
            throw WarmStartFailed.of(failure);
        }
    }

    /** Gives a machine that was restored without one its image's disk. */
    void giveImage(RunningVm restored) throws InterruptedException, WarmStartFailed {
        Path late = standing.owned().files().lateStore();
        try {
            Path disk = Path.of(standing.spec().storeDisk());
            if (!Files.getPosixFilePermissions(disk).contains(PosixFilePermission.OTHERS_READ)) {
                throw new IOException("others may not read " + disk);
            }
            // Another name for it, in the one directory of this host's that the monitor sees.
            Path link = late.resolveSibling("." + late.getFileName());
            Files.createLink(link, disk);
            Files.move(link, late, StandardCopyOption.ATOMIC_MOVE);
            restored.reopen(MountSource.Disk.FIRST - 1);
        } catch (IOException | FcvmException failure) {
            throw WarmStartFailed.withoutImage(failure);
        }
    }

    /** Lets it go on, and has it become the machine that it is to be. What is returned is to be closed before the machine. */
    Conversation wake(Plan plan, BootingMachine restored, BlockingQueue<RunEvent> events)
            throws InterruptedException, WarmStartFailed {
        try {
            restored.vm().resume();
            Conversation talk = restored.awaitReady(standing.spec().id(), events, audience);
            try (Pending awake = new Pending(talk::close)) {
                talk.renew(Specs.json(plan), standing.world().clock().instant(), restored.patience());
                audience.reached(Phase.RENEWED);
                awake.handOver();
                return talk;
            }
        } catch (FcvmException failure) {
            throw WarmStartFailed.of(failure);
        }
    }

    /** The machine boots after all, with a disk of its own. */
    void giveUp(Launch launch, WarmStartFailed failed) throws FcvmException, InterruptedException {
        WarmStart warm = launch.warm().orElseThrow();
        if (failed.isBroken()) {
            audience.warn("the machine cannot start from its warm base, and boots: " + failed.getMessage());
            var bases = new WarmBases(launch.settings(), standing.world().clock());
            bases.remove(warm.key());
            bases.putOff(warm.key(), Duration.ofHours(1));
        } else {
            audience.note("the machine boots: " + failed.getMessage());
        }
        standing.owned().forgetHandle();
        MachineFiles files = standing.owned().files();
        try {
            Files.deleteIfExists(files.placeholder());
            Files.deleteIfExists(files.scratch());
        } catch (IOException failure) {
            throw new FcvmException(
                    Kind.HOST, "cannot clear " + files.directory() + ": " + IoReason.of(failure), failure);
        }
        ScratchDisk.make(
                files.scratch(), warm.diskSize(), files.id(), standing.spec().keep());
    }
}
