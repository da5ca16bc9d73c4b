/** The command-line program on the host. */
module dev.fcvm {
    requires dev.fcvm.link;
    requires dev.fcvm.plan;
    requires info.picocli;
    requires io.avaje.jsonb;
    requires static org.jspecify;
}
