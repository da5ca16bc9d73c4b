package dev.fcvm.machine.inside;

import dev.fcvm.agent.AgentSession;
import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.error.IoReason;
import dev.fcvm.machine.live.LiveMachine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Podman in a machine's guest.
 *
 * @param agent who runs it there
 * @param machine the machine's name
 * @param container what Podman there calls the machine's container
 */
public record GuestPodman(AgentSession agent, String machine, String container) {

    /** The most that an answer may take. */
    private static final int LARGEST_ANSWER = 16 << 20;

    /** Returns that of a machine whose container runs. */
    public static GuestPodman of(LiveMachine live) throws FcvmException {
        String name = live.spec().name();
        return new GuestPodman(
                live.agent()
                        .orElseThrow(() -> new FcvmException(
                                Kind.IN_USE, "machine " + name + " has ended just now; see fcvm ps -a")),
                name,
                live.spec().container());
    }

    /** Starts a command of the guest's. */
    GuestCommand start(List<String> command, boolean input) throws FcvmException {
        return GuestCommand.start(agent, machine, command, input);
    }

    /**
     * Asks Podman something about the container.
     *
     * @param verb the first words of the command
     * @param rest what follows the container's name
     * @return what it answers
     * @throws FcvmException when it refuses; with its words
     */
    public byte[] ask(List<String> verb, List<String> rest) throws FcvmException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add("podman");
        command.addAll(verb);
        command.add(container);
        command.addAll(rest);
        return answer(command);
    }

    /** Returns what a command of the guest's writes. */
    byte[] answer(List<String> command) throws FcvmException, InterruptedException {
        var answer = new ByteArrayOutputStream();
        try {
            run(command, new Limited(answer));
        } catch (Unwritten tooMuch) {
            throw new FcvmException(
                    Kind.GUEST, "machine " + machine + " could not be asked: " + IoReason.of(tooMuch), tooMuch);
        }
        return answer.toByteArray();
    }

    /**
     * Runs a command of the guest's to its end.
     *
     * @throws Unwritten when what it writes is not taken
     */
    void run(List<String> command, OutputStream to) throws FcvmException, Unwritten, InterruptedException {
        try (GuestCommand asked = start(command, false)) {
            Unwritten.carry(asked.output(), to);
            if (asked.await() != 0) {
                throw refused(asked.said());
            }
        } catch (Unwritten untaken) {
            throw untaken;
        } catch (IOException failure) {
            throw new FcvmException(
                    Kind.GUEST, "machine " + machine + " could not be asked: " + IoReason.of(failure), failure);
        }
    }

    /** Returns a refusal of Podman's in its own words, with the machine's name for the container's. */
    FcvmException refused(String said) {
        String words = said.isEmpty() ? "Podman in machine " + machine + " gave no reason" : said;
        return new FcvmException(
                words.contains("no such file or directory") ? Kind.NOT_FOUND : Kind.GUEST,
                container.equals(machine) ? words : words.replace(container, machine));
    }

    /** Takes so much and no more: a guest could send without end. */
    private static final class Limited extends OutputStream {

        private final OutputStream to;
        private int taken;

        Limited(OutputStream to) {
            this.to = to;
        }

        @Override
        public void write(int single) throws IOException {
            write(new byte[] {(byte) single}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            taken = Math.addExact(taken, length);
            if (taken > LARGEST_ANSWER) {
                throw new IOException("its answer is longer than " + (LARGEST_ANSWER >> 20) + " MiB");
            }
            to.write(bytes, offset, length);
        }
    }
}
