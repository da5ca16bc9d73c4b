package dev.fcvm.link.message;

import dev.fcvm.link.message.Message.Attach;
import dev.fcvm.link.message.Message.Exec;
import dev.fcvm.link.message.Message.ExecKept;
import dev.fcvm.link.message.Message.ExecResize;
import dev.fcvm.link.message.Message.ExecSignal;
import dev.fcvm.link.message.Message.Hold;
import dev.fcvm.link.message.Message.Kept;
import dev.fcvm.link.message.Message.Mount;
import dev.fcvm.link.message.Message.Probe;
import dev.fcvm.link.message.Message.Release;
import dev.fcvm.link.message.Message.Renew;
import dev.fcvm.link.message.Message.Resize;
import dev.fcvm.link.message.Message.Secret;
import dev.fcvm.link.message.Message.Share;
import dev.fcvm.link.message.Message.Shutdown;
import dev.fcvm.link.message.Message.Signal;
import dev.fcvm.link.message.Message.Start;
import dev.fcvm.link.message.Message.Stop;
import dev.fcvm.link.message.Message.Unmount;

/** What a host may say, as bytes. */
final class HostMessages {

    private static final byte START = 1;
    private static final byte ATTACH = 2;
    private static final byte KEPT = 3;
    private static final byte EXEC = 4;
    private static final byte RESIZE = 5;
    private static final byte EXEC_RESIZE = 6;
    private static final byte SIGNAL = 7;
    private static final byte EXEC_SIGNAL = 8;
    private static final byte STOP = 9;
    private static final byte SHUTDOWN = 10;
    private static final byte SHARE = 11;
    private static final byte SECRET = 13;
    private static final byte MOUNT = 14;
    private static final byte UNMOUNT = 15;
    private static final byte HOLD = 20;
    private static final byte RELEASE = 21;
    private static final byte RENEW = 22;
    private static final byte PROBE = 12;
    private static final byte EXEC_KEPT = 16;

    private HostMessages() {}

    @SuppressWarnings("IfChainToSwitch")
    static void put(Message message, MessageWriter out) {
        if (message instanceof Start start) {
            out.kind(START).text(start.container()).text(start.plan()).texts(start.environment());
            out.flag(start.again()).terminal(start.terminal()).wide(start.outputLimit());
        } else if (message instanceof Attach attach) {
            out.kind(ATTACH).text(attach.container());
            out.number(attach.stdin()).number(attach.stdout()).number(attach.stderr());
            out.wide(attach.stdoutFrom()).wide(attach.stderrFrom());
        } else if (message instanceof Kept kept) {
            out.kind(KEPT).text(kept.container()).wide(kept.stdout()).wide(kept.stderr());
        } else if (message instanceof Exec exec) {
            out.kind(EXEC).number(exec.exec()).text(exec.id()).text(exec.container());
            out.texts(exec.options()).texts(exec.command()).texts(exec.environment());
            out.terminal(exec.terminal());
            out.number(exec.stdin()).number(exec.stdout()).number(exec.stderr());
        } else if (message instanceof ExecKept kept) {
            out.kind(EXEC_KEPT).number(kept.exec());
        } else if (message instanceof Resize resize) {
            out.kind(RESIZE).text(resize.container()).size(resize.size());
        } else if (message instanceof ExecResize resize) {
            out.kind(EXEC_RESIZE).number(resize.exec()).size(resize.size());
        } else if (message instanceof Signal signal) {
            out.kind(SIGNAL).text(signal.container()).number(signal.number());
        } else if (message instanceof ExecSignal signal) {
            out.kind(EXEC_SIGNAL).number(signal.exec()).number(signal.number());
        } else if (message instanceof Stop stop) {
            out.kind(STOP).text(stop.container()).number(stop.number()).wide(stop.graceMillis());
        } else if (message instanceof Share share) {
            out.kind(SHARE).number(share.mapping()).number(share.stream());
        } else if (message instanceof Secret secret) {
            out.kind(SECRET).text(secret.container()).number(secret.number());
            out.number(secret.uid()).number(secret.gid()).number(secret.mode()).text(secret.content());
        } else if (message instanceof Mount mount) {
            out.kind(MOUNT).text(mount.container()).number(mount.number());
            out.text(mount.target()).text(mount.disk()).text(mount.inside()).flag(mount.readOnly());
        } else if (message instanceof Unmount unmount) {
            out.kind(UNMOUNT).text(unmount.container()).number(unmount.number()).text(unmount.target());
        } else if (message instanceof Shutdown shutdown) {
            out.kind(SHUTDOWN).flag(shutdown.keep());
        } else if (message instanceof Hold hold) {
            out.kind(HOLD).text(hold.container());
        } else if (message instanceof Release release) {
            out.kind(RELEASE).text(release.container());
        } else if (message instanceof Renew renew) {
            out.kind(RENEW).text(renew.container()).text(renew.plan());
            out.text(renew.session()).text(renew.entropy()).wide(renew.epochMillis());
        } else if (message instanceof Probe probe) {
            out.kind(PROBE).number(probe.probe()).text(probe.container());
            out.number(probe.kind().number()).number(probe.port()).text(probe.path());
            out.number(probe.limitMillis());
        } else {
            throw new IllegalArgumentException("a message without an encoding: " + message);
        }
    }

    static Message take(byte kind, MessageReader in) throws MalformedMessageException {
        return switch (kind) {
            case START -> new Start(in.container(), in.text(), in.texts(), in.flag(), in.terminal(), in.wide(1));
            case ATTACH -> new Attach(in.container(), in.stream(), in.stream(), in.stream(), in.wide(), in.wide());
            case KEPT -> new Kept(in.container(), in.wide(), in.wide());
            case EXEC ->
                new Exec(
                        in.exec(),
                        in.nameOrNone(),
                        in.nameOrNone(),
                        in.texts(),
                        in.texts(),
                        in.texts(),
                        in.terminal(),
                        in.stream(),
                        in.stream(),
                        in.stream());
            case EXEC_KEPT -> new ExecKept(in.exec());
            case RESIZE -> new Resize(in.container(), in.size());
            case EXEC_RESIZE -> new ExecResize(in.exec(), in.size());
            case SIGNAL -> new Signal(in.container(), in.signal());
            case EXEC_SIGNAL -> new ExecSignal(in.exec(), in.signal());
            case STOP -> new Stop(in.container(), in.signal(), in.wide());
            case SHARE -> new Share(in.number(0, Integer.MAX_VALUE), in.number(1, Integer.MAX_VALUE));
            case SECRET ->
                new Secret(
                        in.container(),
                        in.number(0, Secret.MOST - 1),
                        in.number(0, Integer.MAX_VALUE),
                        in.number(0, Integer.MAX_VALUE),
                        in.number(0, 07777),
                        in.base64());
            case MOUNT -> new Mount(in.container(), in.mapping(), in.text(), in.text(), in.text(), in.flag());
            case UNMOUNT -> new Unmount(in.container(), in.mapping(), in.text());
            case SHUTDOWN -> new Shutdown(in.flag());
            case HOLD -> new Hold(in.container());
            case RELEASE -> new Release(in.container());
            case RENEW -> new Renew(in.container(), in.text(), in.digits(32), in.digits(64), in.wide());
            case PROBE -> new Probe(in.exec(), in.container(), kind(in), in.port(), in.text(), in.limit());
            default -> throw MessageCodec.unknown(kind);
        };
    }

    private static ProbeKind kind(MessageReader in) throws MalformedMessageException {
        int number = in.number(0, ProbeKind.values().length - 1);
        for (ProbeKind kind : ProbeKind.values()) {
            if (kind.number() == number) {
                return kind;
            }
        }
        throw new MalformedMessageException("an unknown kind of probe");
    }
}
