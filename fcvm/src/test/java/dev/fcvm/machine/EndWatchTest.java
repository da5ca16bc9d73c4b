package dev.fcvm.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fcvm.machine.store.MachineState;
import dev.fcvm.machine.store.MachineStore;
import dev.fcvm.machine.store.OwnedMachine;
import dev.fcvm.settings.Directories;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a machine counts as one that has ended. */
class EndWatchTest {

    @TempDir
    Path place;

    @Test
    void shouldCallAMachineEndedWhenNothingOfItIsLeftToBeTakenBack() throws Exception {
        MachineStore store = MachineStore.open(new Directories(place.resolve("data"), place.resolve("run")));
        var looked = new CountDownLatch(1);
        try (OwnedMachine machine = store.create(Optional.empty())) {
            machine.write(new MachineState.Exited(7, false, Optional.empty(), Instant.EPOCH));
            Path journal = Files.writeString(machine.files().journal(), "");
            CompletableFuture<Boolean> pendingAtTheEnd = CompletableFuture.supplyAsync(() -> {
                try {
                    assertThat(new EndWatch(machine.files(), store).await(state -> {
                                looked.countDown();
                                return state instanceof MachineState.Resting;
                            }))
                            .isPresent();
                    return Files.exists(journal);
                } catch (Exception failure) {
                    throw new CompletionException(failure);
                }
            });
            assertThat(looked.await(20, TimeUnit.SECONDS)).isTrue();

            Files.delete(journal);

            assertThat(pendingAtTheEnd.get(20, TimeUnit.SECONDS)).isFalse();
        }
    }
}
