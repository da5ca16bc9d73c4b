package dev.fcvm.link;

import dev.fcvm.link.message.ContainerStatus;
import dev.fcvm.link.message.ExecStatus;
import dev.fcvm.link.message.ExitRecord;
import dev.fcvm.link.message.Message;
import dev.fcvm.link.message.MessageCodec;
import dev.fcvm.link.message.ProbeKind;
import dev.fcvm.link.message.TerminalSize;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Writes the fuzz tests' first inputs anew, into the directory it is given: {@code src/test/resources/dev/fcvm/link}.
 * To be run by hand when what the inputs mean has changed.
 */
final class SeedCorpus {

    private static final int WRITE = 0;
    private static final int READ = 2;
    private static final int DELIVER = 4;
    private static final int OPEN = 7;
    private static final int CLOSE = 8;
    private static final int RESET = 10;
    private static final int SOCKET_BREAK = 11;
    private static final int SERIAL_BREAK = 13;
    private static final int GREETING_BREAK = 15;
    private static final int TAMPER = 16;
    private static final int OF_HOST = 0x80;

    private final Path directory;

    private SeedCorpus(Path directory) {
        this.directory = directory;
    }

    public static void main(String[] arguments) throws Exception {
        new SeedCorpus(Path.of(arguments[0])).write();
    }

    private void write() throws Exception {
        messages();
        frames();
        endpoints();
        reconnects("shouldDeliverWhatWasSentHoweverTheChannelBreaks", false);
        reconnects("shouldDeliverNothingButWhatWasSentWhenThePeerLies", true);
    }

    private void messages() throws IOException {
        String guest = "message/MessageFuzzTestInputs/shouldDecodeAnythingTheGuestSaysOrSayWhatIsWrong";
        var command = new ExecStatus(1, "e", Optional.of(3));
        put(guest, "ready", body(new Message.Ready("0.1", 1234, List.of(status()), List.of(command)), false));
        put(guest, "started", body(new Message.Started("c", 1), false));
        put(guest, "attached", body(new Message.Attached("c", 1, 2), false));
        put(guest, "exited", body(new Message.Exited("c", status().exit().orElseThrow()), false));
        put(guest, "signalled", body(new Message.Signalled("c", 15), false));
        put(guest, "failed", body(new Message.Failed("c", "no such image: grüße"), false));
        put(guest, "exec-exited", body(new Message.ExecExited(1, 127, false), false));
        put(guest, "exec-failed", body(new Message.ExecFailed(1, "no"), false));
        put(guest, "probed", body(new Message.Probed(1, true, 200, "well"), false));
        put(guest, "health", body(new Message.Health("c", "{}"), false));
        put(guest, "held", body(new Message.Held("c", "no"), false));
        put(guest, "renewed", body(new Message.Renewed("c", ""), false));
        put(guest, "not-utf-8", new byte[] {72, 0, 0, 0, 1, 'c', 0, 0, 0, 2, (byte) 0xC3, 0x28});
        String host = "message/MessageFuzzTestInputs/shouldDecodeAnythingTheHostSaysOrSayWhatIsWrong";
        var size = Optional.of(new TerminalSize(80, 24));
        put(host, "start", body(new Message.Start("c", "{}", List.of("A=1", "B=ü"), false, size, 1), true));
        put(host, "attach", body(new Message.Attach("c", 1, 2, 3, 4, 5), true));
        put(host, "kept", body(new Message.Kept("c", 1, 2), true));
        put(
                host,
                "exec",
                body(new Message.Exec(1, "e", "", List.of("-u"), List.of("a"), List.of("B=1"), size, 1, 2, 3), true));
        put(host, "resize", body(new Message.Resize("c", size.orElseThrow()), true));
        put(host, "signal", body(new Message.Signal("c", 15), true));
        put(host, "exec-signal", body(new Message.ExecSignal(1, 15), true));
        put(host, "exec-kept", body(new Message.ExecKept(1), true));
        put(host, "stop", body(new Message.Stop("c", 15, 10_000), true));
        put(host, "secret", body(new Message.Secret("c", 3, 1, 2, 0440, "c2VjcmV0"), true));
        put(host, "mount", body(new Message.Mount("c", 12, "/a", "d", "f", true), true));
        put(host, "unmount", body(new Message.Unmount("c", 12, "/a"), true));
        put(host, "share", body(new Message.Share(3, 4), true));
        put(host, "shutdown", body(new Message.Shutdown(true), true));
        put(host, "probe", body(new Message.Probe(1, "c", ProbeKind.HTTP, 80, "/", 1000), true));
        put(host, "hold", body(new Message.Hold("c"), true));
        put(host, "release", body(new Message.Release("c"), true));
        put(host, "renew", body(new Message.Renew("c", "{}", "0".repeat(32), "f".repeat(64), 1), true));
        put(host, "too-many-variables", new byte[] {1, 0, 0, 0, 1, 'c', 0, 0, 0, 0, 0x7F, 0, 0, 0});
    }

    private static ContainerStatus status() {
        return new ContainerStatus("c", 1, 2, 3, 4, Optional.of(new ExitRecord(42, true, 2, 4, 5)));
    }

    private static byte[] body(Message message, boolean fromHost) {
        byte[] whole = MessageCodec.encode(message, fromHost);
        return java.util.Arrays.copyOfRange(whole, Integer.BYTES, whole.length);
    }

    private void frames() throws IOException {
        String name = "FrameReaderFuzzTestInputs/shouldFindFramesOrNameTheFaultWhateverArrives";
        int tag = 0x5555_1234;
        byte[] data = Frames.data(tag, 1, 0, new byte[9]);
        put(name, "frames", Frames.join(new byte[] {20}, data, Frames.frame(tag, Protocol.WINDOW, 0, 1, 9), data));
        byte[] cut = java.util.Arrays.copyOf(data, 30);
        byte[] hello = Frames.hello(2, 2, 7, new SessionId(1, 2), 64, false, Frames.helloList(0, 0, 0, 0, 0));
        put(name, "cut-then-hello", Frames.join(new byte[] {63}, cut, new byte[200], hello));
        put(name, "scan-welcome", Frames.join(new byte[] {(byte) 0x9F}, cut, Frames.welcome(7, 2, Frames.list())));
        put(name, "scan-hello", Frames.join(new byte[] {(byte) 0xDF}, cut, Frames.knock(3), hello));
        put(name, "too-long", Frames.raw(tag, 1, 0, 0, 1, 1 << 20, 0, new byte[0], tag));
    }

    private void endpoints() throws IOException {
        String guest = "EndpointFuzzTestInputs/shouldEndTheSessionWithAReasonWhateverTheGuestSends";
        put(guest, "data", 1, Protocol.DATA, 0, 0, 4, 0, 0, 0, 1, Protocol.DATA, 1, 0, 3, 9, 9, 9);
        put(guest, "window-and-reset", 1, Protocol.WINDOW, 1, 5, 0, Protocol.RESET, 1, 0, 0);
        put(guest, "end", 1, 0x20 | Protocol.DATA, 1, 1, 0, 2, 8, 8, Protocol.DATA, 1, 3, 1, 1);
        put(guest, "knocks", 1, Protocol.KNOCK, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 0, Protocol.KNOCK, 0, 0, 0);
        put(guest, "welcome", 0, Protocol.WELCOME, 0, 0, 4, 0, 1, 0, 1);
        put(guest, "noise", 1, 0x1F, 60, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20);
        String host = "EndpointFuzzTestInputs/shouldServeTheNextHostWhateverTheLastOneSent";
        put(host, "open-and-data", 1, Protocol.OPEN, 1, 0, 0, Protocol.DATA, 1, 0, 3, 7, 7, 7, Protocol.RESET, 1, 0, 0);
        put(host, "signal", 1, Protocol.DATA, 0, 0, 14, 0, 0, 0, 10, 7, 0, 0, 0, 1, 'c', 0, 0, 0, 9);
        put(host, "opens", 1, Protocol.OPEN, 1, 0, 0, Protocol.OPEN, 2, 0, 0, Protocol.OPEN, 3, 0, 0);
        put(host, "hello-cut", 0, Protocol.HELLO, 0, 0, 8, 0, 1, 0, 1, 0, 0, 0, 0);
    }

    private void reconnects(String test, boolean hostile) throws IOException {
        String name = "ReconnectFuzzTestInputs/" + test;
        put(
                name,
                "both-ways",
                steps(0, OPEN, h(WRITE), 1, 0, 9, h(DELIVER), 3, WRITE, 1, 0, 9, DELIVER, 7, READ, 1, 1, 0));
        put(name, "ends", steps(2, OPEN, h(WRITE), 1, 2, 0, h(CLOSE), 1, h(DELIVER), 7, CLOSE, 1, DELIVER, 7));
        put(name, "reset", steps(1, OPEN, h(WRITE), 1, 0, 50, h(DELIVER), 7, RESET, 1, DELIVER, 7, h(RESET), 1));
        put(name, "socket-break", steps(2, OPEN, h(WRITE), 1, 2, 0, SOCKET_BREAK, 0, 100, 0, 0, WRITE, 1, 2, 0));
        put(name, "serial-break", steps(2, OPEN, h(WRITE), 1, 2, 0, SERIAL_BREAK, 0, 40, 0, 9, WRITE, 1, 2, 0));
        put(name, "greeting-cut", steps(2, OPEN, h(WRITE), 1, 2, 0, GREETING_BREAK, 0, 30, 0, 5, h(WRITE), 1, 1, 0));
        put(name, "answer-lost", steps(3, OPEN, h(WRITE), 1, 2, 0, h(GREETING_BREAK), 0, 0, 0, 9, h(WRITE), 1, 1, 0));
        for (int seed = 1; seed <= 3; seed++) {
            var random = new Random(seed);
            var long1 = new byte[400];
            random.nextBytes(long1);
            for (int i = 1; i < long1.length; i++) {
                long1[i] &= (byte) (hostile ? 0x9F : 0x8F);
            }
            put(name, "long-" + seed, long1);
        }
        if (hostile) {
            for (int how = 0; how < 5; how++) {
                put(name, "lie-" + how, steps(2, OPEN, h(WRITE), 1, 1, 0, h(TAMPER + how), 16, h(WRITE), 1, 1, 0));
            }
        }
    }

    private static int h(int step) {
        return step | OF_HOST;
    }

    private static byte[] steps(int... steps) {
        var bytes = new ByteArrayOutputStream();
        for (int step : steps) {
            bytes.write(step);
        }
        return bytes.toByteArray();
    }

    private void put(String test, String name, int... bytes) throws IOException {
        put(test, name, steps(bytes));
    }

    private void put(String test, String name, byte[] bytes) throws IOException {
        Path file = directory.resolve(test).resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, ByteBuffer.wrap(bytes).array());
    }
}
