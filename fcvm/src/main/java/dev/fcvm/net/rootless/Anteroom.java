package dev.fcvm.net.rootless;

import dev.fcvm.error.FcvmException;
import dev.fcvm.error.FcvmException.Kind;
import dev.fcvm.host.MachineId;
import dev.fcvm.host.process.MachineProcesses;
import dev.fcvm.host.process.Tool;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A user and a network namespace that belong to slirp4netns' own user. Into those of root's machine that user may not go;
 * so it makes its end here, as any user does in a namespace of their own, and root moves that into the machine's. It lasts
 * as long as the process that holds it, which ends with this one.
 */
final class Anteroom implements AutoCloseable {

    private final Process holder;

    private Anteroom(Process holder) {
        this.holder = holder;
    }

    /**
     * Makes one.
     *
     * @param machine for whom, by which its process is found again
     * @param user whose it is to be
     */
    static Anteroom open(MachineId machine, int user) throws FcvmException {
        // Where ordinary users may make no user namespace with any power, one who has the capability may.
        List<String> words = List.of(
                "setpriv",
                "--reuid=" + user,
                "--regid=" + user,
                "--clear-groups",
                "--inh-caps=-all,+sys_admin",
                "--ambient-caps=-all,+sys_admin",
                "--",
                "unshare",
                "--user",
                "--map-root-user",
                "--net",
                "--",
                "sh",
                "-c",
                "echo && exec cat >/dev/null");
        Process holder = new MachineProcesses(machine)
                .tag()
                .start(Path.of("/"), words, Redirect.PIPE, Redirect.PIPE, Redirect.PIPE);
        Anteroom made = new Anteroom(holder);
        boolean there = false;
        try {
            if (holder.getInputStream().read() != '\n') {
                String why = new String(holder.getErrorStream().readNBytes(1000), StandardCharsets.UTF_8).strip();
                throw failed(why.isEmpty() ? "its process ended" : why);
            }
            there = true;
            return made;
        } catch (IOException e) {
            throw failed(String.valueOf(e.getMessage()));
        } finally {
            if (!there) {
                made.close();
            }
        }
    }

    /** Returns a process in it. */
    long process() {
        return holder.pid();
    }

    /**
     * Moves an interface from here.
     *
     * @param namespace a process in the network namespace it is to be in
     */
    void move(String networkInterface, long namespace) throws FcvmException, InterruptedException {
        Tool.Result moved = Tool.named("nsenter", "util-linux")
                .with("--target", Long.toString(process()), "--net", "--")
                .with("ip", "link", "set", networkInterface, "netns", Long.toString(namespace))
                .run();
        if (!moved.succeeded()) {
            throw failed(moved.lastWords());
        }
    }

    private static FcvmException failed(String why) {
        return new FcvmException(
                Kind.HOST,
                "cannot join the machine with a network: a namespace for slirp4netns' user: " + why
                        + "; see \"What a host must allow\" in docs/security.md");
    }

    @Override
    public void close() {
        holder.destroyForcibly();
    }
}
