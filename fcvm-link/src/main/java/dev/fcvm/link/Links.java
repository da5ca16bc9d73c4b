package dev.fcvm.link;

/** Makes the two ends of a link. Each keeps daemon threads until it is closed. */
public final class Links {

    private Links() {}

    /**
     * Begins a session with a guest, under a fresh random name. Returns at once: the channel is dialled in the
     * background, what is sent meanwhile is kept within the windows, and {@link Link#session()} waits for the guest.
     *
     * @param dialer called at the start and after each break, never by two threads at once; it blocks until there is a
     *     channel, and ends with an exception when it is interrupted, since that is how a close wakes it
     */
    public static Link host(Dialer dialer, LinkOptions options) {
        return new HostEndpoint(dialer, options).start();
    }

    /**
     * Waits for hosts, in the guest.
     *
     * @param dialer as for the host; in particular, where opening a virtio-serial port succeeds with no host behind it,
     *     the dialer may return it: the link tells its host that it is there, which blocks until there is one
     */
    public static LinkAcceptor guest(Dialer dialer, LinkOptions options) {
        return new GuestEndpoint(dialer, options).start();
    }
}
