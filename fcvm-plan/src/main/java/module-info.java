/** The plan: the one JSON document that says what a guest is to do. */
module dev.fcvm.plan {
    requires io.avaje.json;
    requires static org.jspecify;

    exports dev.fcvm.plan;
}
