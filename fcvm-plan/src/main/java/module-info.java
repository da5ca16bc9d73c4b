/** The plan: the one JSON document that says what a guest is to do. */
module dev.fcvm.plan {
    requires io.avaje.jsonb;
    requires static org.jspecify;

    exports dev.fcvm.plan;

    provides io.avaje.jsonb.spi.JsonbExtension with
            dev.fcvm.plan.jsonb.GeneratedJsonComponent;
}
