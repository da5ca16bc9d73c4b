package dev.fcvm.net.flags;

import java.util.Locale;

/** What a port belongs to. */
public enum Protocol {
    /** RFC 9293. */
    TCP,
    /** RFC 768. */
    UDP;

    /** Returns the name in flags, in nftables and for slirp4netns. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
