package dev.fcvm.machine.store;

import io.avaje.jsonb.Json;

/**
 * How a machine ended that is gone.
 *
 * @param id its id
 * @param name its name
 * @param code its container's exit code
 * @param finished when, ISO 8601
 */
@Json
public record EndRecord(String id, String name, int code, String finished) {}
