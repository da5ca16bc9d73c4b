package dev.fcvm.guest;

import dev.fcvm.guest.network.GuestNetwork;
import dev.fcvm.guest.system.AgentException;
import dev.fcvm.guest.system.Console;
import dev.fcvm.guest.system.GuestFiles;
import dev.fcvm.guest.system.Kernel;
import dev.fcvm.link.message.Message.Renew;
import dev.fcvm.plan.Plan;
import dev.fcvm.plan.PlanException;
import dev.fcvm.plan.PlanJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Makes a restored machine one of its own: until then it has the time, the random numbers, the names and the ids of the
 * machine that was saved, and so has every other machine made of that. Done while the container stands still.
 */
final class Renewal {

    /** Podman's own file; a container that shares the guest's name has none. */
    private static final String HOSTNAME_FILE = "/etc/hostname";

    private static final String HOSTS_FILE = "/etc/hosts";

    private final GuestFiles files;
    private final Kernel kernel = new Kernel();

    Renewal(GuestFiles files) {
        this.files = files;
    }

    /**
     * Does what concerns all of the machine. The order matters: whatever is made up is made up of new random numbers.
     *
     * @param before what it was before; null when it was none. One that goes on as the machine it was keeps its id
     * @return the plan from now on
     * @throws AgentException when something of it cannot be done: the machine must not go on then
     */
    Plan machine(Renew renew, @Nullable Plan before) throws AgentException {
        try {
            Plan plan = PlanJson.read(renew.plan());
            kernel.setClock(renew.epochMillis());
            kernel.seed(HexFormat.of().parseHex(renew.entropy()));
            if (before == null || !before.machine().equals(plan.machine())) {
                Files.writeString(files.machineId(), MachineSession.random() + "\n");
            }
            new GuestNetwork(files).set(plan);
            new MachineSession(files.session()).write(renew.session());
            return plan;
        } catch (IOException | PlanException e) {
            throw new AgentException("cannot make a restored machine one of its own: " + Console.reason(e), e);
        }
    }

    /** Goes the same way as far as nothing is changed by it, but for random numbers, of which more do no harm. */
    void rehearse(Plan plan) throws IOException, PlanException {
        PlanJson.read(PlanJson.write(plan));
        kernel.seed(HexFormat.of().parseHex(MachineSession.random()));
    }

    /**
     * Gives the container the machine's host name, where it has a name of its own.
     *
     * @param process its first process
     */
    void container(String process, String hostname) throws AgentException, InterruptedException {
        try {
            Path namespace = files.processes().resolve(process).resolve("ns/uts");
            Path own = files.processes().resolve("self/ns/uts");
            if (Files.readSymbolicLink(namespace).equals(Files.readSymbolicLink(own))) {
                return;
            }
            // On a thread that ends: it stays in the namespace.
            var named = new CompletableFuture<Boolean>();
            new Thread(null, () -> name(namespace, hostname, named), "hostname", 0, false).start();
            named.get();
            String before =
                    rewrite(process, HOSTNAME_FILE, _ -> hostname + "\n").strip();
            if (!before.isEmpty()) {
                rewrite(process, HOSTS_FILE, text -> renamed(text, before, hostname));
            }
        } catch (IOException | ExecutionException e) {
            throw new AgentException("cannot rename a restored container: " + Console.reason(e), e);
        }
    }

    private void name(Path namespace, String hostname, CompletableFuture<Boolean> named) {
        try {
            kernel.setHostname(namespace.toString(), hostname);
            named.complete(true);
        } catch (IOException | RuntimeException e) {
            named.completeExceptionally(e);
        }
    }

    /**
     * Changes a file of Podman's that is mounted in the container; whatever else is called so is the image's, and stays.
     *
     * @return what was in it; empty when it is not Podman's
     */
    private String rewrite(String process, String name, UnaryOperator<String> change) throws IOException {
        Path file = files.processes().resolve(process).resolve("root" + name);
        if (!isMounted(process, name) || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return "";
        }
        String before = Files.readString(file);
        Files.writeString(
                file,
                change.apply(before),
                LinkOption.NOFOLLOW_LINKS,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING);
        return before;
    }

    /** Replaces a host's name where it is a whole word of hosts(5). */
    private static String renamed(String hosts, String before, String after) {
        var text = new StringBuilder();
        for (String line : hosts.split("\n", -1)) {
            for (String word : line.split("(?<=[ \t])|(?=[ \t])", -1)) {
                text.append(word.equals(before) ? after : word);
            }
            text.append('\n');
        }
        text.setLength(text.length() - 1);
        return text.toString();
    }

    private boolean isMounted(String process, String name) throws IOException {
        for (String line : Files.readAllLines(files.processes().resolve(process).resolve("mountinfo"))) {
            if (line.contains(" " + name + " ")) {
                return true;
            }
        }
        return false;
    }
}
