package dev.fcvm.link;

import dev.fcvm.link.Message.Exited;
import dev.fcvm.link.Message.Failed;
import dev.fcvm.link.Message.Ready;
import dev.fcvm.link.Message.Run;
import dev.fcvm.link.Message.Shutdown;
import dev.fcvm.link.Message.Signal;
import dev.fcvm.link.Message.Signalled;
import dev.fcvm.link.Message.Started;
import java.nio.ByteBuffer;
import java.util.ArrayList;

/**
 * Messages as bytes: one for the kind, then the fields in order. Integers are big-endian; a text is its length in UTF-8
 * bytes and those; a list is its length and its texts.
 *
 * <p>Kinds are told apart with {@code instanceof}, not with a switch over types: the first such switch costs tens of
 * milliseconds of linking, which is seconds in an emulated guest.
 */
final class MessageCodec {

    private static final byte RUN = 1;
    private static final byte SIGNAL = 2;
    private static final byte SHUTDOWN = 3;
    private static final byte READY = 65;
    private static final byte STARTED = 66;
    private static final byte EXITED = 67;
    private static final byte FAILED = 68;
    private static final byte SIGNALLED = 69;

    /** The most characters of a text that is shown to the user. */
    static final int LONGEST_SHOWN = 4096;

    private static final int HIGHEST_SIGNAL = 64;

    private MessageCodec() {}

    /**
     * Returns the message with its length before it.
     *
     * @throws IllegalArgumentException when it is too long, or not of the side that wants to say it
     */
    @SuppressWarnings("IfChainToSwitch")
    static byte[] encode(Message message, boolean fromHost) {
        if (fromHost != (message instanceof Message.FromHost)) {
            throw new IllegalArgumentException("this message is the other side's to send: " + message);
        }
        var out = new MessageWriter();
        if (message instanceof Run run) {
            out.kind(RUN).text(run.plan()).texts(run.environment());
            out.number(run.stdin()).number(run.stdout()).number(run.stderr());
        } else if (message instanceof Signal signal) {
            out.kind(SIGNAL).number(signal.number());
        } else if (message instanceof Shutdown shutdown) {
            out.kind(SHUTDOWN).number(shutdown.keep() ? 1 : 0);
        } else if (message instanceof Ready ready) {
            out.kind(READY).text(shown(ready.version())).wide(ready.uptimeMillis());
        } else if (message instanceof Started started) {
            out.kind(STARTED).wide(started.uptimeMillis());
        } else if (message instanceof Signalled signalled) {
            out.kind(SIGNALLED).number(signalled.number());
        } else if (message instanceof Exited exited) {
            out.kind(EXITED).number(exited.code()).number(exited.outOfMemory() ? 1 : 0);
        } else if (message instanceof Failed failed) {
            out.kind(FAILED).text(shown(failed.reason()));
        } else {
            throw new IllegalArgumentException("a message without an encoding: " + message);
        }
        return out.finish();
    }

    /** Returns the message these bytes are, of the side that may have sent it. */
    static Message decode(byte[] bytes, boolean fromHost) throws MalformedMessageException {
        var in = new MessageReader(ByteBuffer.wrap(bytes));
        byte kind = in.kind();
        var message = fromHost ? hostMessage(kind, in) : guestMessage(kind, in);
        in.finish();
        return message;
    }

    private static Message hostMessage(byte kind, MessageReader in) throws MalformedMessageException {
        return switch (kind) {
            case RUN -> {
                String plan = in.text();
                int count = in.count();
                var environment = new ArrayList<String>(count);
                for (int i = 0; i < count; i++) {
                    environment.add(in.text());
                }
                int last = Integer.MAX_VALUE;
                yield new Run(plan, environment, in.number(0, last), in.number(0, last), in.number(0, last));
            }
            case SIGNAL -> new Signal(in.number(1, HIGHEST_SIGNAL));
            case SHUTDOWN -> new Shutdown(in.number(0, 1) == 1);
            default -> throw unknown(kind);
        };
    }

    private static Message guestMessage(byte kind, MessageReader in) throws MalformedMessageException {
        return switch (kind) {
            case READY -> new Ready(in.shownText(LONGEST_SHOWN), in.wide());
            case STARTED -> new Started(in.wide());
            case SIGNALLED -> new Signalled(in.number(1, HIGHEST_SIGNAL));
            case EXITED -> new Exited(in.number(0, 255), in.number(0, 1) == 1);
            case FAILED -> new Failed(in.shownText(LONGEST_SHOWN));
            default -> throw unknown(kind);
        };
    }

    private static MalformedMessageException unknown(byte kind) {
        return new MalformedMessageException("of the unknown kind " + kind);
    }

    /** Returns a text fit to be shown on a terminal: control characters replaced, and cut to a bearable length. */
    private static String shown(String text) {
        int length = Math.min(text.length(), LONGEST_SHOWN);
        var clean = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            char character = text.charAt(i);
            clean.append(Character.isISOControl(character) ? ' ' : character);
        }
        return clean.toString();
    }
}
