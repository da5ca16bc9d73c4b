package dev.fcvm.link.message;

import dev.fcvm.link.message.Message.Attached;
import dev.fcvm.link.message.Message.ExecExited;
import dev.fcvm.link.message.Message.ExecFailed;
import dev.fcvm.link.message.Message.ExecStarted;
import dev.fcvm.link.message.Message.Exited;
import dev.fcvm.link.message.Message.Failed;
import dev.fcvm.link.message.Message.Health;
import dev.fcvm.link.message.Message.Held;
import dev.fcvm.link.message.Message.Mounted;
import dev.fcvm.link.message.Message.Probed;
import dev.fcvm.link.message.Message.Ready;
import dev.fcvm.link.message.Message.Renewed;
import dev.fcvm.link.message.Message.Signalled;
import dev.fcvm.link.message.Message.Started;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What an agent may say, as bytes. */
final class GuestMessages {

    private static final byte READY = 65;
    private static final byte STARTED = 66;
    private static final byte ATTACHED = 67;
    private static final byte SIGNALLED = 68;
    private static final byte EXITED = 69;
    private static final byte EXEC_STARTED = 70;
    private static final byte EXEC_EXITED = 71;
    private static final byte FAILED = 72;
    private static final byte EXEC_FAILED = 73;
    private static final byte HELD = 84;
    private static final byte RENEWED = 86;
    private static final byte MOUNTED = 87;
    private static final byte PROBED = 74;
    private static final byte HEALTH = 75;

    /** The most containers a guest may claim to have. */
    static final int MOST_CONTAINERS = 64;

    private GuestMessages() {}

    @SuppressWarnings("IfChainToSwitch")
    static void put(Message message, MessageWriter out) {
        if (message instanceof Ready ready) {
            out.kind(READY).shown(ready.version()).wide(ready.uptimeMillis());
            out.number(ready.containers().size());
            for (ContainerStatus status : ready.containers()) {
                put(status, out);
            }
        } else if (message instanceof Started started) {
            out.kind(STARTED).text(started.container()).wide(started.uptimeMillis());
        } else if (message instanceof Attached attached) {
            out.kind(ATTACHED)
                    .text(attached.container())
                    .wide(attached.stdoutFrom())
                    .wide(attached.stderrFrom());
        } else if (message instanceof Signalled signalled) {
            out.kind(SIGNALLED).text(signalled.container()).number(signalled.number());
        } else if (message instanceof Exited exited) {
            out.kind(EXITED).text(exited.container());
            put(exited.exit(), out);
        } else if (message instanceof ExecStarted started) {
            out.kind(EXEC_STARTED).number(started.exec());
        } else if (message instanceof ExecExited exited) {
            out.kind(EXEC_EXITED).number(exited.exec()).number(exited.code()).flag(exited.outOfMemory());
        } else if (message instanceof Failed failed) {
            out.kind(FAILED).text(failed.container()).shown(failed.reason());
        } else if (message instanceof ExecFailed failed) {
            out.kind(EXEC_FAILED).number(failed.exec()).shown(failed.reason());
        } else if (message instanceof Held held) {
            out.kind(HELD).text(held.container()).shown(held.problem());
        } else if (message instanceof Mounted mounted) {
            out.kind(MOUNTED).text(mounted.container()).shown(mounted.problem());
        } else if (message instanceof Renewed renewed) {
            out.kind(RENEWED).text(renewed.container()).shown(renewed.problem());
        } else if (message instanceof Probed probed) {
            out.kind(PROBED)
                    .number(probed.probe())
                    .flag(probed.met())
                    .number(probed.status())
                    .shown(probed.seen());
        } else if (message instanceof Health health) {
            out.kind(HEALTH).text(health.container()).text(health.document());
        } else {
            throw new IllegalArgumentException("a message without an encoding: " + message);
        }
    }

    private static void put(ContainerStatus status, MessageWriter out) {
        out.text(status.container()).wide(status.stdoutFrom()).wide(status.stdoutTo());
        out.wide(status.stderrFrom()).wide(status.stderrTo());
        out.flag(status.exit().isPresent());
        if (status.exit().isPresent()) {
            put(status.exit().get(), out);
        }
    }

    private static void put(ExitRecord exit, MessageWriter out) {
        out.number(exit.code()).flag(exit.outOfMemory());
        out.wide(exit.stdoutEnd()).wide(exit.stderrEnd()).wide(exit.finishedAtMillis());
    }

    static Message take(byte kind, MessageReader in) throws MalformedMessageException {
        return switch (kind) {
            case READY -> new Ready(in.shown(), in.wide(), statuses(in));
            case STARTED -> new Started(in.container(), in.wide());
            case ATTACHED -> new Attached(in.container(), in.wide(), in.wide());
            case SIGNALLED -> new Signalled(in.container(), in.signal());
            case EXITED -> new Exited(in.container(), exit(in));
            case EXEC_STARTED -> new ExecStarted(in.exec());
            case EXEC_EXITED -> new ExecExited(in.exec(), in.number(0, 255), in.flag());
            case FAILED -> new Failed(in.container(), in.shown());
            case EXEC_FAILED -> new ExecFailed(in.exec(), in.shown());
            case HELD -> new Held(in.container(), in.shown());
            case MOUNTED -> new Mounted(in.container(), in.shown());
            case RENEWED -> new Renewed(in.container(), in.shown());
            case PROBED -> new Probed(in.exec(), in.flag(), in.number(0, 999), in.shown());
            case HEALTH -> new Health(in.container(), in.document());
            default -> throw MessageCodec.unknown(kind);
        };
    }

    private static List<ContainerStatus> statuses(MessageReader in) throws MalformedMessageException {
        int count = in.number(0, MOST_CONTAINERS);
        var statuses = new ArrayList<ContainerStatus>();
        for (int i = 0; i < count; i++) {
            String container = in.container();
            long stdoutFrom = in.wide();
            long stdoutTo = in.wide(stdoutFrom);
            long stderrFrom = in.wide();
            long stderrTo = in.wide(stderrFrom);
            Optional<ExitRecord> exit = in.flag() ? Optional.of(exit(in)) : Optional.empty();
            statuses.add(new ContainerStatus(container, stdoutFrom, stdoutTo, stderrFrom, stderrTo, exit));
        }
        return statuses;
    }

    private static ExitRecord exit(MessageReader in) throws MalformedMessageException {
        return new ExitRecord(in.number(0, 255), in.flag(), in.wide(), in.wide(), in.wide());
    }
}
