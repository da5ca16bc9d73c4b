package dev.fcvm.supervisor;

import dev.fcvm.host.text.RawPaths;
import dev.fcvm.host.text.RawText;
import dev.fcvm.link.message.TerminalSize;
import java.nio.ByteBuffer;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a launcher asks for.
 *
 * @param process the launcher's process id
 * @param arguments the command line, without the program's name
 * @param environment the caller's environment, with FCVM_HOME of the launcher's distribution
 * @param directory the caller's working directory, absolute
 * @param umask the caller's umask
 * @param namespaces the caller's namespaces, as the launcher has found the supervisor by them
 * @param terminals which of the caller's standard streams are terminals: bit 0 for the input, 1 output, 2 error
 * @param size how large the terminal of the standard input is
 */
record Request(
        int process,
        List<String> arguments,
        Map<String, String> environment,
        Path directory,
        int umask,
        String namespaces,
        int terminals,
        TerminalSize size) {

    /** Bytes of a request in all, at most; Linux itself takes 6 MiB of arguments and environment. */
    static final int LARGEST = 8 << 20;

    Request {
        arguments = List.copyOf(arguments);
        environment = Map.copyOf(environment);
    }

    /** Returns whether this standard stream of the caller's is a terminal. */
    boolean isTerminal(int descriptor) {
        return (terminals & 1 << descriptor) != 0;
    }

    /**
     * Reads one: fields of a tag, a length of four bytes and a value.
     *
     * @throws ProtocolException when it is none
     */
    static Request read(ByteBuffer body) throws ProtocolException {
        var fields = new Fields();
        while (body.hasRemaining()) {
            if (body.remaining() < Frame.HEADER) {
                throw new ProtocolException("a request that ends in the middle of a field");
            }
            char tag = (char) (body.get() & 0xff);
            int length = body.getInt();
            if (length < 0 || length > body.remaining()) {
                throw new ProtocolException("a field of a request that is longer than the request");
            }
            fields.take(tag, body.slice(body.position(), length));
            body.position(body.position() + length);
        }
        return fields.request();
    }

    private static final class Fields {
        private int process;
        private final List<String> arguments = new ArrayList<>();
        private final Map<String, String> environment = new HashMap<>();
        private String directory = "";
        private String home = "";
        private int umask = -1;
        private String namespaces = "";
        private int terminals;
        private TerminalSize size = new TerminalSize(0, 0);

        void take(char tag, ByteBuffer value) throws ProtocolException {
            switch (tag) {
                case 'a' -> arguments.add(RawText.decode(value));
                case 'e' -> variable(RawText.decode(value));
                case 'd' -> directory = RawText.decode(value);
                case 'h' -> home = RawText.decode(value);
                case 'n' -> namespaces = RawText.decode(value);
                case 'u' -> umask = number(value);
                case 'p' -> process = number(value);
                case 't' -> {
                    if (value.remaining() != 5) {
                        throw new ProtocolException("a terminal that is not described in 5 bytes");
                    }
                    terminals = value.get();
                    size = new TerminalSize(value.getShort() & 0xffff, value.getShort() & 0xffff);
                }
                default -> throw new ProtocolException("a field of a request that nobody knows: " + (int) tag);
            }
        }

        private void variable(String entry) {
            int equals = entry.indexOf('=');
            // As libc: what is no NAME=VALUE is none, and of two the first counts.
            if (equals > 0) {
                environment.putIfAbsent(entry.substring(0, equals), entry.substring(equals + 1));
            }
        }

        private static int number(ByteBuffer value) throws ProtocolException {
            if (value.remaining() != Integer.BYTES) {
                throw new ProtocolException("a number that is not of four bytes");
            }
            return value.getInt();
        }

        Request request() throws ProtocolException {
            if (process <= 0 || umask < 0 || umask > 0777) {
                throw new ProtocolException("a request without a process or a umask");
            }
            environment.put("FCVM_HOME", home);
            return new Request(process, arguments, environment, path(), umask, namespaces, terminals, size);
        }

        private Path path() throws ProtocolException {
            try {
                if (directory.startsWith("/")) {
                    return RawPaths.resolve(Path.of("/"), directory);
                }
            } catch (InvalidPathException e) {
                throw new ProtocolException("a working directory that is no path");
            }
            throw new ProtocolException("a working directory that is not absolute");
        }
    }
}
