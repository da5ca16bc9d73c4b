/** What any process may be shut into: users, cgroups, mounts, and a root of its own for what helps a machine. */
@NullMarked
package dev.fcvm.host.confine;

import org.jspecify.annotations.NullMarked;
