package dev.fcvm.vmm.firecracker.api;

import java.util.regex.Pattern;

/** The ids of devices, which stand in paths. */
final class DeviceId {

    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_]{1,64}");

    private DeviceId() {}

    /** Returns the id; a hyphen, which Firecracker does not take either, is the usual mistake. */
    static String checked(String id) {
        if (!FORM.matcher(id).matches()) {
            throw new IllegalArgumentException("no id of a device: " + id);
        }
        return id;
    }
}
