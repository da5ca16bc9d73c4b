package dev.fcvm.machine.live;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.journal.Journal;
import dev.fcvm.host.process.ProcessIdentity;
import dev.fcvm.link.Link;
import dev.fcvm.link.LinkAcceptor;
import dev.fcvm.link.LinkException;
import dev.fcvm.link.LinkOptions;
import dev.fcvm.link.LinkStream;
import dev.fcvm.link.Links;
import dev.fcvm.link.message.ExitRecord;
import dev.fcvm.link.message.Message;
import dev.fcvm.vmm.RunningVm;
import dev.fcvm.vmm.VmExit;
import dev.fcvm.vmm.VmHandle;
import dev.fcvm.vmm.VmSpec;
import dev.fcvm.vmm.Vmm;
import dev.fcvm.vmm.VmmCapabilities;
import dev.fcvm.vmm.select.VmmChoice;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A monitor without machines, on which the build goes through a run, so that the classes a run needs are in the AOT
 * cache: the guest is a thread at the other end of a real link, which "runs" every container by writing one line.
 */
public final class RehearsalVmm implements Vmm {

    /** A digest of nothing, and so the id of an image that is none. */
    public static final String IMAGE = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private RehearsalVmm() {}

    /** Returns the choice of it. */
    public static VmmChoice choice() {
        return new VmmChoice(new RehearsalVmm(), "a rehearsal", false);
    }

    /**
     * Lays out what a run looks for: a base and an image of empty files.
     *
     * @param data the data directory
     */
    public static void furnish(Path data) throws IOException {
        Path image = data.resolve("store").resolve(IMAGE);
        Path name = data.resolve("store/names/localhost/rehearsal/:1");
        Map<Path, String> files = Map.of(
                data.resolve("images/base.json"),
                """
                {"version":%d,"kernelRelease":"1","suite":"none","podman":"5","agent":"none","created":"1970-01-01T00:00:00Z"}
                """.formatted(BaseInfo.VERSION),
                data.resolve("images/vmlinux"),
                "",
                image.resolve("disk.ext4"),
                "",
                image.resolve("image.json"),
                """
                {"version":1,"id":"%s","digest":"sha256:%s","architecture":"amd64","variant":"","created":0,"size":1,\
                "config":{"entrypoint":[],"command":["/bin/sh"],"environment":["PATH=/bin"],"workingDirectory":"",\
                "user":"","exposedPorts":[],"volumes":[],"stopSignal":"","labels":{}}}
                """.formatted(IMAGE, IMAGE));
        for (Map.Entry<Path, String> file : files.entrySet()) {
            Files.createDirectories(file.getKey().getParent());
            Files.writeString(file.getKey(), file.getValue());
        }
        Path names = Objects.requireNonNull(name.getParent());
        Files.createDirectories(names);
        Files.createSymbolicLink(name, names.relativize(image));
    }

    @Override
    public String name() {
        return "rehearsal";
    }

    @Override
    public VmmCapabilities capabilities() {
        return new VmmCapabilities(false, true, false, false, false, false);
    }

    @Override
    public void check(VmSpec.Isolation isolation) {}

    @Override
    public RunningVm attach(VmHandle handle, Journal journal) throws FcvmException {
        throw new FcvmException(FcvmException.Kind.VMM, "a rehearsal's machine ends with its process");
    }

    @Override
    public RunningVm boot(VmSpec spec, Journal journal) {
        try {
            var address = UnixDomainSocketAddress.of(spec.socketDirectory().resolve("rehearsal.sock"));
            ServerSocketChannel server =
                    ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address);
            LinkAcceptor hosts = Links.guest(server::accept, LinkOptions.defaults());
            var ended = new CountDownLatch(1);
            Thread.ofVirtual().name("rehearsal").start(() -> {
                serve(hosts);
                ended.countDown();
            });
            return new Running(spec, address, server, hosts, ended);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void serve(LinkAcceptor hosts) {
        try (Link link = hosts.accept()) {
            link.send(new Message.Ready("0", 1, List.of(), List.of()));
            Message first = link.receive();
            while (first instanceof Message.Share share) {
                look(link.joinStream(share.stream()));
                first = link.receive();
            }
            var start = (Message.Start) first;
            String container = start.container();
            var attach = (Message.Attach) link.receive();
            link.send(new Message.Started(container, 2));
            link.send(new Message.Attached(container, 0, 0));
            try (OutputStream stdout = link.joinStream(attach.stdout()).output();
                    OutputStream stderr = link.joinStream(attach.stderr()).output()) {
                stdout.write('\n');
                stderr.write('\n');
            }
            link.send(new Message.Exited(container, new ExitRecord(0, false, 1, 1, 0)));
            link.receive(); // that it is to switch itself off, unless the host hangs up
        } catch (LinkException hungUp) {
            return;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Asks a host that serves a directory by SFTP for its attributes. */
    private static void look(LinkStream served) throws IOException {
        served.output().write(HexFormat.of().parseHex("00000005" + "0100000003" + "00000009" + "070000000100000000"));
        int greeting = ByteBuffer.wrap(served.input().readNBytes(Integer.BYTES)).getInt();
        served.input().skipNBytes(greeting);
        int answer = ByteBuffer.wrap(served.input().readNBytes(Integer.BYTES)).getInt();
        served.input().skipNBytes(answer);
    }

    private record Running(
            VmSpec spec,
            UnixDomainSocketAddress address,
            ServerSocketChannel server,
            LinkAcceptor hosts,
            CountDownLatch ended)
            implements RunningVm {

        @Override
        public VmHandle handle() {
            var none = new ProcessIdentity(0, 0, "");
            return new VmHandle(
                    VmHandle.VERSION,
                    "rehearsal",
                    spec.id().value(),
                    spec.directory().toString(),
                    none,
                    none,
                    "/",
                    true,
                    spec.memoryMib());
        }

        @Override
        public void letGo() {}

        @Override
        public long pid() {
            return ProcessHandle.current().pid();
        }

        @Override
        public ByteChannel dialAgent() throws IOException {
            return SocketChannel.open(address);
        }

        @Override
        public boolean hasPlan() {
            return true;
        }

        @Override
        public void pause() {}

        @Override
        public void resume() {}

        @Override
        public Optional<VmExit> awaitExit(Duration atMost) throws InterruptedException {
            return ended.await(atMost.toNanos(), TimeUnit.NANOSECONDS)
                    ? Optional.of(new VmExit.Killed())
                    : Optional.empty();
        }

        @Override
        public String consoleText() {
            return "";
        }

        @Override
        public String consoleTail(int lines) {
            return "";
        }

        @Override
        public void close() {
            hosts.close();
            try {
                server.close();
                Files.deleteIfExists(address.getPath());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            ended.countDown();
        }
    }
}
