package dev.fcvm.guest;

import dev.fcvm.guest.network.MetadataService;
import dev.fcvm.guest.network.NetworkCard;
import dev.fcvm.guest.system.AgentException;
import dev.fcvm.guest.system.Console;
import dev.fcvm.guest.system.GuestFiles;
import dev.fcvm.guest.system.Syscalls;
import dev.fcvm.plan.Plan;
import dev.fcvm.plan.PlanException;
import dev.fcvm.plan.PlanJson;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Finds the plan: in the machine's firmware tables or its metadata service, else in what the host says. */
public final class PlanSource {

    private PlanSource() {}

    /**
     * Returns the plan of the firmware tables, or null where this machine has none.
     *
     * @throws AgentException when there is something, but no plan
     */
    static @Nullable Plan ofFirmware(Path file) throws AgentException {
        try (InputStream in = Files.newInputStream(file)) {
            return PlanJson.read(in.readNBytes(PlanJson.MAX_BYTES + 1));
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw new AgentException("cannot read the plan from " + file + ": " + Console.reason(e), e);
        } catch (PlanException e) {
            throw new AgentException(Console.reason(e), e);
        }
    }

    /** Whether the kernel was told that the plan is in the metadata service. */
    private static final String IN_METADATA = "fcvm.plan=mmds";

    /**
     * Returns the plan this machine was booted with, or null where it comes with the host's message.
     *
     * @throws AgentException when there is something, but no plan
     */
    static @Nullable Plan ofMachine(GuestFiles files, Console console) throws AgentException {
        Plan plan = ofFirmware(files.plan());
        return plan == null && isInMetadata(files.commandLine()) ? ofMetadata(files, console) : plan;
    }

    private static Plan ofMetadata(GuestFiles files, Console console) throws AgentException {
        long start = System.nanoTime();
        try {
            var syscalls = Syscalls.shared();
            new NetworkCard(files.networks(), syscalls).bringUp();
            byte[] document = new MetadataService(syscalls).get(MetadataService.PLAN);
            console.log("plan received in " + (System.nanoTime() - start) / 1_000_000 + " ms");
            return PlanJson.read(document);
        } catch (IOException e) {
            throw new AgentException("cannot get the plan from the metadata service: " + Console.reason(e), e);
        } catch (PlanException e) {
            throw new AgentException("the metadata service: " + Console.reason(e), e);
        }
    }

    public static boolean isInMetadata(Path commandLine) throws AgentException {
        try {
            return (" " + Files.readString(commandLine).strip() + " ").contains(" " + IN_METADATA + " ");
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new AgentException("cannot read " + commandLine + ": " + Console.reason(e), e);
        }
    }

    /** Returns the plan in what the host said. */
    static Plan ofMessage(String document) throws AgentException {
        if (document.isEmpty()) {
            throw new AgentException("this machine has no plan: neither its firmware nor the host's message holds one;"
                    + " is the base older than fcvm? (fcvm init)");
        }
        try {
            return PlanJson.read(document);
        } catch (PlanException e) {
            throw new AgentException(Console.reason(e), e);
        }
    }
}
