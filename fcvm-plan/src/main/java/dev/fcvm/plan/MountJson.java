package dev.fcvm.plan;

import io.avaje.json.JsonWriter;
import java.util.List;

/** Writes the mappings of a plan. */
final class MountJson {

    private MountJson() {}

    static void write(JsonWriter writer, List<MountPlan> mounts) {
        writer.name("mounts");
        writer.beginArray();
        for (MountPlan mount : mounts) {
            writer.beginObject();
            writer.name("number");
            writer.value(mount.number());
            write(writer, mount.source());
            writer.name("inside");
            writer.value(mount.inside());
            writer.name("target");
            writer.value(mount.target());
            writer.name("readOnly");
            writer.value(mount.readOnly());
            writer.name("copyUp");
            writer.value(mount.copyUp());
            writer.name("options");
            PlanJson.write(writer, mount.options());
            writer.endObject();
        }
        writer.endArray();
    }

    /** No switch over the types: see fc-agent's Session. */
    @SuppressWarnings("IfChainToSwitch")
    private static void write(JsonWriter writer, MountSource source) {
        if (source instanceof MountSource.Disk disk) {
            writer.name("disk");
            writer.value(disk.index());
        } else if (source instanceof MountSource.Sshfs) {
            writer.name("sshfs");
            writer.value(true);
        } else if (source instanceof MountSource.Nfs nfs) {
            writer.name("nfs");
            writer.beginObject();
            writer.name("address");
            writer.value(nfs.address());
            writer.name("port");
            writer.value(nfs.port());
            writer.name("export");
            writer.value(nfs.export());
            writer.endObject();
        }
    }
}
