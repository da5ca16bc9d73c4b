package dev.fcvm.net.named;

import io.avaje.jsonb.Json;
import java.util.List;

/**
 * A network that joins machines, as it is shown.
 *
 * @param name its name
 * @param id its identity
 * @param created ISO 8601
 * @param subnet the addresses of its machines
 * @param machines those that are in it now
 */
@Json
public record NetworkView(String name, String id, String created, String subnet, List<Machine> machines) {

    /**
     * One of its machines.
     *
     * @param id the machine's
     * @param address by which the others reach it
     * @param names the names they find it by; the first is the machine's
     */
    public record Machine(String id, String address, List<String> names) {}
}
