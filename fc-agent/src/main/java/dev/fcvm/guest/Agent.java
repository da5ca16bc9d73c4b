package dev.fcvm.guest;

import dev.fcvm.guest.channel.Devices;
import dev.fcvm.guest.system.AgentException;
import dev.fcvm.guest.system.Console;
import dev.fcvm.guest.system.GuestFiles;
import dev.fcvm.link.Dialer;
import dev.fcvm.link.Link;
import dev.fcvm.link.LinkAcceptor;
import dev.fcvm.link.LinkException;
import dev.fcvm.link.LinkOptions;
import dev.fcvm.link.Links;
import java.io.IOException;

/** The agent: serves one host after another until the machine ends. */
final class Agent {

    private final GuestFiles files;
    private final Console console;
    private final Containers containers;

    Agent(GuestFiles files, Console console) {
        this.files = files;
        this.console = console;
        this.containers = new Containers(files, console);
    }

    /**
     * Runs until the machine ends.
     *
     * @throws AgentException when there is no way to a host
     */
    void run() throws AgentException, InterruptedException {
        serve(Devices.find(files));
    }

    /** Serves whoever comes through this dialer, until a host has ended the machine. */
    void serve(Dialer dialer) throws AgentException, InterruptedException {
        try (LinkAcceptor hosts = Links.guest(dialer, LinkOptions.defaults())) {
            while (true) {
                Link link = hosts.accept();
                if (serve(link)) {
                    return;
                }
            }
        } catch (LinkException e) {
            throw new AgentException("no host can reach this machine any more: " + Console.reason(e), e);
        }
    }

    /** Serves one session; returns whether the host has ended the machine. */
    private boolean serve(Link session) throws InterruptedException {
        try (session) {
            new Session(session, files, console, containers).serve(version());
            return true;
        } catch (IOException e) {
            console.log("the session has ended: " + Console.reason(e));
            return false;
        }
    }

    private static String version() {
        var descriptor = Agent.class.getModule().getDescriptor();
        return descriptor == null ? "unknown" : descriptor.rawVersion().orElse("unknown");
    }
}
