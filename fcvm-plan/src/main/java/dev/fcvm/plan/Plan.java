package dev.fcvm.plan;

import io.avaje.jsonb.Json;

/**
 * What a guest is to do. Never holds a secret: it lies in files and in the guest's firmware tables.
 *
 * @param version the layout of this document: 1
 * @param machine the machine's id, 32 hexadecimal digits
 * @param name the machine's name
 * @param hostname the guest's host name
 * @param keep whether the scratch disk outlives this boot, so that it must be written back at the end
 * @param container what Podman is to run
 */
@Json
public record Plan(int version, String machine, String name, String hostname, boolean keep, ContainerPlan container) {

    /** The only version there is. */
    public static final int VERSION = 1;
}
