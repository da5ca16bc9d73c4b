package dev.fcvm.host.disk;

import dev.fcvm.host.user.StrangersMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * What on a disk differs from its tree.
 *
 * @param devices by the path of their directory, in ISO 8859-1, without slashes around it; where a file of the tree has
 *     the name, the file stays
 * @param attributes changes the extended attributes of a file, which are by their names
 */
public record Additions(Map<String, List<DeviceNode>> devices, UnaryOperator<Map<String, byte[]>> attributes) {

    /** Nothing differs. */
    public static final Additions NONE = new Additions(Map.of(), UnaryOperator.identity());

    public Additions {
        devices = StrangersMap.copyOf(devices);
    }
}
