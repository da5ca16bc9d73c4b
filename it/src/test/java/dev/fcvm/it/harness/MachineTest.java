package dev.fcvm.it.harness;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A class of tests that boot machines. Its tests may ask for an {@link Fcvm} (one for the class, checked for leaks
 * after each test), {@link HostPodman}, {@link Archives} and {@link Place} (one for each test) as parameters.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("machine")
@ExtendWith(MachineLane.class)
public @interface MachineTest {}
