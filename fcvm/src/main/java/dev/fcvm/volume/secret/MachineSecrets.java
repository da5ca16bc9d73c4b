package dev.fcvm.volume.secret;

import dev.fcvm.error.FcvmException;
import dev.fcvm.plan.GuestSecrets;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * All secrets of one machine, read for one start. Holds them in memory only; nothing shows what they are.
 *
 * @param variables {@code NAME=VALUE} for the container's environment
 * @param files what becomes a file, by the numbers they have in the guest
 */
public record MachineSecrets(List<String> variables, List<File> files) {

    /** Copies the lists. */
    public MachineSecrets {
        variables = List.copyOf(variables);
        files = List.copyOf(files);
    }

    /** One that becomes a file. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record File(int number, WantedSecret wanted, byte[] content) {

        @Override
        public String toString() {
            return wanted.name();
        }
    }

    /**
     * Reads them.
     *
     * @throws FcvmException when one is not there, which names it
     */
    public static MachineSecrets read(List<WantedSecret> wanted, SecretStore store)
            throws FcvmException, InterruptedException {
        List<String> variables = new ArrayList<>();
        List<File> files = new ArrayList<>();
        for (int number = 0; number < wanted.size(); number++) {
            WantedSecret one = wanted.get(number);
            byte[] content = one.content(store);
            if (one.variable()) {
                variables.add(one.target() + "=" + text(one, content));
            } else {
                files.add(new File(number, one, content));
            }
        }
        return new MachineSecrets(variables, files);
    }

    private static String text(WantedSecret secret, byte[] content) throws FcvmException {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content))
                    .toString();
            if (text.indexOf('\0') < 0) {
                return text;
            }
        } catch (CharacterCodingException binary) {
            throw new FcvmException(FcvmException.Kind.USAGE, unfit(secret), binary);
        }
        throw new FcvmException(FcvmException.Kind.USAGE, unfit(secret));
    }

    private static String unfit(WantedSecret secret) {
        return "secret " + secret.name() + " cannot be a variable: it is no text; use type=mount";
    }

    /** Returns the flags of {@code podman run} in the guest by which a container finds the files. */
    public static List<String> options(List<WantedSecret> wanted) {
        List<String> options = new ArrayList<>();
        for (int number = 0; number < wanted.size(); number++) {
            if (!wanted.get(number).variable()) {
                options.add("--mount=type=bind,source=" + GuestSecrets.file(number) + ",\"target="
                        + wanted.get(number).target().replace("\"", "\"\"") + "\",ro");
            }
        }
        return options;
    }

    @Override
    public String toString() {
        return variables.size() + " variables, " + files.size() + " files";
    }
}
