package dev.fcvm.guest.resident;

import dev.fcvm.guest.runtime.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What Podman's service is told of a container to be made: what {@code podman run} makes of its command line before it
 * makes the container, for the flags that most containers have. The others are left to Podman's own program.
 */
public final class Creation {

    /** What {@code podman run} says when it is asked for nothing, version 5.4. */
    private static final String WITHOUT_FLAGS =
            "\"env_host\":false,\"httpproxy\":true,\"terminal\":false,\"stdin\":false,"
                    + "\"stop_timeout\":10,\"log_configuration\":{\"driver\":\"passthrough\"},\"systemd\":\"true\","
                    + "\"sdnotifyMode\":\"ignore\",\"pidns\":{},\"utsns\":{},\"remove\":false,\"init_container_type\":\"\","
                    + "\"unsetenvall\":false,\"manage_password\":true,\"image_volume_mode\":\"anonymous\",\"init\":false,"
                    + "\"ipcns\":{},\"volatile\":false,\"seccomp_policy\":\"default\",\"userns\":{},\"idmappings\":{"
                    + "\"HostUIDMapping\":true,\"HostGIDMapping\":true,\"UIDMap\":null,\"GIDMap\":null,\"AutoUserNs\":false,"
                    + "\"AutoUserNsOpts\":{\"Size\":0,\"InitialSize\":0,\"PasswdFile\":\"\",\"GroupFile\":\"\","
                    + "\"AdditionalUIDMappings\":null,\"AdditionalGIDMappings\":null}},\"umask\":\"0022\",\"cgroupns\":{},"
                    + "\"publish_image_ports\":false,\"Networks\":{},\"use_image_resolve_conf\":false,"
                    + "\"use_image_hostname\":false,\"use_image_hosts\":false,\"healthconfig\":{\"Test\":[\"NONE\"]},"
                    + "\"healthLogDestination\":\"local\",\"healthMaxLogCount\":5,\"healthMaxLogSize\":500";

    private static final double PERIOD_MICROS = 100_000;

    private final Map<String, String> members = new LinkedHashMap<>();
    private final Map<String, String> labels = new LinkedHashMap<>();
    private final Map<String, String> environment = new LinkedHashMap<>();
    private final Map<String, String> limits = new LinkedHashMap<>();
    private final List<String> added = new ArrayList<>();
    private final List<String> dropped = new ArrayList<>();
    private final List<String> mounts = new ArrayList<>();
    private final Set<String> targets = new HashSet<>();

    private Creation() {}

    /**
     * What is wanted.
     *
     * @param options arguments of {@code podman run}, each joined to its value
     * @param image the image's id
     * @param environment {@code NAME=VALUE}, each
     * @param network whether it has the machine's network; else it has none
     * @param line the whole command line that would do the same, which Podman keeps
     * @param conmonPid where conmon's process id is to be written
     */
    public record Wanted(
            List<String> options,
            String image,
            List<String> command,
            List<String> environment,
            boolean network,
            List<String> line,
            Path conmonPid) {}

    /** Returns it as the service reads it; null when it is to be left to Podman's program. */
    public static @Nullable String of(Wanted wanted) {
        var creation = new Creation();
        for (String option : wanted.options()) {
            int equals = option.indexOf('=');
            String name = equals < 0 ? option : option.substring(0, equals);
            if (!creation.add(name, equals < 0 ? null : option.substring(equals + 1))) {
                return null;
            }
        }
        for (String variable : wanted.environment()) {
            int equals = variable.indexOf('=');
            creation.environment.put(variable.substring(0, equals), quoted(variable.substring(equals + 1)));
        }
        return creation.with(wanted);
    }

    private String with(Wanted wanted) {
        members.put("image", quoted(wanted.image()));
        members.put("raw_image_name", quoted(wanted.image()));
        if (!wanted.command().isEmpty()) {
            members.put("command", JsonObject.array(wanted.command()));
        }
        members.put("netns", "{\"nsmode\":" + quoted(wanted.network() ? "host" : "none") + "}");
        members.put("containerCreateCommand", JsonObject.array(wanted.line()));
        members.put("conmon_pid_file", quoted(wanted.conmonPid().toString()));
        putUnlessEmpty("env", environment);
        putUnlessEmpty("labels", labels);
        putUnlessEmpty("resource_limits", limits);
        putUnlessEmpty("cap_add", added);
        putUnlessEmpty("cap_drop", dropped);
        if (!mounts.isEmpty()) {
            members.put("mounts", "[" + String.join(",", mounts) + "]");
        }
        members.putIfAbsent("privileged", "false");
        members.putIfAbsent("read_only_filesystem", "false");
        members.putIfAbsent("read_write_tmpfs", "false");
        String own = JsonObject.of(members);
        return own.substring(0, own.length() - 1) + "," + WITHOUT_FLAGS + "}";
    }

    private void putUnlessEmpty(String name, Map<String, String> object) {
        if (!object.isEmpty()) {
            members.put(name, JsonObject.of(object));
        }
    }

    private void putUnlessEmpty(String name, List<String> words) {
        if (!words.isEmpty()) {
            members.put(name, JsonObject.array(words));
        }
    }

    /** Returns whether the flag is known here. No switch: its bootstrap would cost more than all of this. */
    private boolean add(String name, @Nullable String value) {
        if (value == null) {
            return addPlain(name);
        }
        if (value.indexOf('\0') >= 0) {
            return false;
        }
        if (name.equals("--name")) {
            members.put("name", quoted(value));
        } else if (name.equals("--hostname")) {
            members.put("hostname", quoted(value));
        } else if (name.equals("--workdir")) {
            members.put("work_dir", quoted(value));
        } else if (name.equals("--user")) {
            members.put("user", quoted(value));
        } else if (name.equals("--entrypoint")) {
            return addEntrypoint(value);
        } else if (name.equals("--label")) {
            return addLabel(value);
        } else if (name.equals("--cap-add")) {
            added.add(value);
        } else if (name.equals("--cap-drop")) {
            dropped.add(value);
        } else if (name.equals("--volume")) {
            return addVolume(value);
        } else if (name.equals("--memory")) {
            return addMemory(value);
        } else if (name.equals("--cpus")) {
            return addProcessors(value);
        } else {
            return false;
        }
        return !value.isEmpty();
    }

    private boolean addPlain(String name) {
        if (name.equals("--privileged")) {
            members.put("privileged", "true");
        } else if (name.equals("--read-only")) {
            members.put("read_only_filesystem", "true");
            members.put("read_write_tmpfs", "true");
        } else {
            // The disk of a machine that has not run yet has no container that could be in the way.
            return name.equals("--replace");
        }
        return true;
    }

    /** In brackets it is a list, and an empty one has a meaning of its own. */
    private boolean addEntrypoint(String value) {
        members.put("entrypoint", JsonObject.array(List.of(value)));
        return !value.isBlank() && !value.strip().startsWith("[");
    }

    private boolean addLabel(String value) {
        int equals = value.indexOf('=');
        labels.put(
                equals < 0 ? value : value.substring(0, equals), quoted(equals < 0 ? "" : value.substring(equals + 1)));
        return equals != 0 && !value.isEmpty();
    }

    /** A directory of the guest, read-only or not: all other words say more than this. */
    private boolean addVolume(String value) {
        String[] parts = value.split(":", -1);
        if (parts.length != 3
                || !parts[0].startsWith("/")
                || !parts[1].startsWith("/")
                || !(parts[2].equals("ro") || parts[2].equals("rw"))
                || !targets.add(parts[1])) {
            return false;
        }
        Map<String, String> mount = new LinkedHashMap<>();
        mount.put("destination", quoted(parts[1]));
        mount.put("type", quoted("bind"));
        mount.put("source", quoted(parts[0]));
        mount.put("options", JsonObject.array(List.of(parts[2])));
        mounts.add(JsonObject.of(mount));
        return true;
    }

    private boolean addMemory(String value) {
        if (!value.matches("[1-9][0-9]{0,17}b")) {
            return false;
        }
        long bytes = Long.parseLong(value.substring(0, value.length() - 1));
        limits.put("memory", "{\"limit\":" + bytes + ",\"swap\":" + 2 * bytes + "}");
        return true;
    }

    private boolean addProcessors(String value) {
        if (!value.matches("[0-9]{1,4}([.][0-9]{1,9})?")) {
            return false;
        }
        long quota = (long) (Double.parseDouble(value) * PERIOD_MICROS);
        limits.put("cpu", "{\"quota\":" + quota + ",\"period\":" + (long) PERIOD_MICROS + "}");
        return quota > 0;
    }

    private static String quoted(String text) {
        return JsonObject.quoted(text);
    }
}
