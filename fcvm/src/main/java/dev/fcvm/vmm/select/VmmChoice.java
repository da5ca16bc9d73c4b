package dev.fcvm.vmm.select;

import dev.fcvm.vmm.Vmm;

/**
 * The monitor that boots machines.
 *
 * @param vmm the monitor
 * @param reason one line for the user: what was chosen, and why
 */
public record VmmChoice(Vmm vmm, String reason) {}
