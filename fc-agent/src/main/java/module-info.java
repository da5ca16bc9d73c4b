/** The agent in the guest. */
module dev.fcvm.guest {
    requires dev.fcvm.link;
    requires dev.fcvm.plan;
    requires static org.jspecify;
}
