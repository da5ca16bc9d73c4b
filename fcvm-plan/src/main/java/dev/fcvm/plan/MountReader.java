package dev.fcvm.plan;

import io.avaje.json.JsonReader;
import io.avaje.json.JsonReader.Token;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the mappings of a plan. */
final class MountReader {

    private final PlanReader plan;
    private final JsonReader json;

    MountReader(PlanReader plan) {
        this.plan = plan;
        this.json = plan.json();
    }

    List<MountPlan> mounts() throws PlanException {
        List<MountPlan> mounts = new ArrayList<>();
        plan.expect(Token.BEGIN_ARRAY, "a list");
        json.beginArray();
        while (json.hasNextElement()) {
            plan.at("mounts[" + mounts.size() + "]");
            mounts.add(mount("mounts[" + mounts.size() + "]."));
        }
        plan.at("mounts");
        json.endArray();
        return mounts;
    }

    private MountPlan mount(String where) throws PlanException {
        @Nullable Integer number = null;
        @Nullable MountSource source = null;
        @Nullable String inside = null;
        @Nullable String target = null;
        @Nullable Boolean readOnly = null;
        @Nullable Boolean copyUp = null;
        @Nullable List<String> options = null;
        plan.expect(Token.BEGIN_OBJECT, "an object");
        json.beginObject();
        while (json.hasNextField()) {
            String key = json.nextField();
            plan.at(where + key);
            switch (key) {
                case "number" -> number = plan.once(number, plan.integer());
                case "disk" -> source = plan.once(source, new MountSource.Disk(plan.integer()));
                case "sshfs" -> source = plan.once(source, sshfs());
                case "nfs" -> source = plan.once(source, nfs(where));
                case "inside" -> inside = plan.once(inside, plan.string());
                case "target" -> target = plan.once(target, plan.string());
                case "readOnly" -> readOnly = plan.once(readOnly, plan.truth());
                case "copyUp" -> copyUp = plan.once(copyUp, plan.truth());
                case "options" -> options = plan.once(options, plan.strings());
                default -> throw plan.unknown();
            }
        }
        plan.at(where);
        json.endObject();
        return new MountPlan(
                PlanReader.there(where + "number", number),
                PlanReader.there(where + "disk, sshfs or nfs", source),
                PlanReader.there(where + "inside", inside),
                PlanReader.there(where + "target", target),
                PlanReader.there(where + "readOnly", readOnly),
                PlanReader.there(where + "copyUp", copyUp),
                PlanReader.there(where + "options", options));
    }

    private MountSource sshfs() throws PlanException {
        if (!plan.truth()) {
            throw new IllegalArgumentException("mounts.sshfs: must be true where it is there");
        }
        return new MountSource.Sshfs();
    }

    private MountSource nfs(String where) throws PlanException {
        @Nullable String address = null;
        @Nullable Integer port = null;
        @Nullable String export = null;
        plan.expect(Token.BEGIN_OBJECT, "an object");
        json.beginObject();
        while (json.hasNextField()) {
            String key = json.nextField();
            plan.at(where + "nfs." + key);
            switch (key) {
                case "address" -> address = plan.once(address, plan.string());
                case "port" -> port = plan.once(port, plan.integer());
                case "export" -> export = plan.once(export, plan.string());
                default -> throw plan.unknown();
            }
        }
        plan.at(where + "nfs");
        json.endObject();
        return new MountSource.Nfs(
                PlanReader.there(where + "nfs.address", address),
                PlanReader.there(where + "nfs.port", port),
                PlanReader.there(where + "nfs.export", export));
    }
}
