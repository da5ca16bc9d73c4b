/** The command-line program on the host. */
module dev.fcvm {
    requires dev.fcvm.link;
    requires dev.fcvm.plan;
    requires info.picocli;
    requires io.avaje.json;
    requires io.avaje.jsonb;
    requires jdk.net;
    requires org.snakeyaml.engine;
    requires static org.jspecify;

    // picocli reads the annotations of the commands, and sets their fields.
    opens dev.fcvm.cli to
            info.picocli;
    opens dev.fcvm.cli.group to
            info.picocli;
    opens dev.fcvm.cli.host to
            info.picocli;
    opens dev.fcvm.cli.image to
            info.picocli;
    opens dev.fcvm.cli.inside to
            info.picocli;
    opens dev.fcvm.cli.lifecycle to
            info.picocli;
    opens dev.fcvm.cli.network to
            info.picocli;
    opens dev.fcvm.cli.pool to
            info.picocli;
    opens dev.fcvm.cli.run to
            info.picocli;
    opens dev.fcvm.cli.secret to
            info.picocli;
    opens dev.fcvm.cli.shared to
            info.picocli;
    opens dev.fcvm.cli.snapshot to
            info.picocli;
    opens dev.fcvm.cli.volume to
            info.picocli;

    provides io.avaje.jsonb.spi.JsonbExtension with
            dev.fcvm.cli.CliJsonComponent,
            dev.fcvm.image.ImageJsonComponent,
            dev.fcvm.jsonb.GeneratedJsonComponent,
            dev.fcvm.machine.check.CheckJsonComponent,
            dev.fcvm.machine.store.StoreJsonComponent;
}
