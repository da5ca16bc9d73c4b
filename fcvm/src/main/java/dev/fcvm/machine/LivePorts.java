package dev.fcvm.machine;

import dev.fcvm.error.FcvmException;
import dev.fcvm.net.flags.PublishedPort;
import java.util.List;

/**
 * The published ports of machines that run. A machine is named by its name, its id or the beginning of its id; one that
 * is not there, or does not run, is refused by each of these.
 */
public interface LivePorts {

    /** Returns what is published, with the host's side settled, in the order in which it was. */
    List<PublishedPort> list(String machine) throws FcvmException, InterruptedException;

    /**
     * Publishes all of these or none.
     *
     * @return the same in the same order, with the host's side settled
     * @throws FcvmException when a port of the host is taken, which names it and its holder where that can be known
     */
    List<PublishedPort> publish(String machine, List<PublishedPort> ports) throws FcvmException, InterruptedException;

    /**
     * Takes all of these back; connections that are open may go on.
     *
     * @param ports of those that {@link #list} returned
     */
    void unpublish(String machine, List<PublishedPort> ports) throws FcvmException, InterruptedException;
}
