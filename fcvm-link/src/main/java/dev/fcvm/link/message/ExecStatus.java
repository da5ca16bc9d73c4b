package dev.fcvm.link.message;

import java.util.Optional;

/**
 * A command beside a container that an earlier host has started, and that this one finds.
 *
 * @param exec what hosts call it
 * @param id what its user calls it; empty when nobody asks for its end
 * @param code its exit code, 0 to 255; empty while it runs
 */
public record ExecStatus(int exec, String id, Optional<Integer> code) {}
