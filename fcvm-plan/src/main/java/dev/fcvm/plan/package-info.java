/** The plan: what a guest is to do, as one JSON document. */
@NullMarked
package dev.fcvm.plan;

import org.jspecify.annotations.NullMarked;
