/** The protocol between the host and the agent in the guest. See docs/link-protocol.md. */
module dev.fcvm.link {
    requires static org.jspecify;

    exports dev.fcvm.link;
    exports dev.fcvm.link.message;
}
