package dev.fcvm.volume;

import dev.fcvm.link.LinkException;
import dev.fcvm.link.LinkStream;

/** What a mapping may ask of the machine's agent. */
public interface MappedGuest {

    /**
     * Opens a stream of the link, and tells the agent that it serves this mapping.
     *
     * @param number the mapping's
     * @throws LinkException when the session is over, or the agent does not listen
     */
    LinkStream serve(int number) throws LinkException;

    /** Returns the process id of the machine's monitor, by which its namespaces are found. */
    long monitor();
}
