package dev.fcvm;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import org.junit.jupiter.api.Test;

/** The floors of the house: imports go down only. */
class ArchitectureTest {

    private static final JavaClasses ROOMS = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            // Adapters that are generated for every room; they belong to no floor.
            .withImportOption(location -> !location.contains("/dev/fcvm/jsonb/"))
            .importPackages("dev.fcvm");

    @Test
    void shouldImportDownwardsOnly() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("cli")
                .definedBy("dev.fcvm.cli..")
                .layer("supervisor")
                .definedBy("dev.fcvm.supervisor..")
                .layer("machine")
                .definedBy("dev.fcvm.machine..")
                .layer("snapshot")
                .definedBy("dev.fcvm.snapshot..")
                .layer("vmm")
                .definedBy("dev.fcvm.vmm..")
                .layer("net")
                .definedBy("dev.fcvm.net..")
                .layer("image")
                .definedBy("dev.fcvm.image..")
                .layer("volume")
                .definedBy("dev.fcvm.volume..")
                .layer("agent")
                .definedBy("dev.fcvm.agent..")
                .layer("command")
                .definedBy("dev.fcvm.command..")
                .layer("settings")
                .definedBy("dev.fcvm.settings..")
                .layer("host")
                .definedBy("dev.fcvm.host..")
                .layer("error")
                .definedBy("dev.fcvm.error..")
                .layer("contracts")
                .definedBy("dev.fcvm.link..", "dev.fcvm.plan..")
                .whereLayer("cli")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("machine")
                .mayOnlyBeAccessedByLayers("cli", "supervisor")
                .whereLayer("supervisor")
                .mayOnlyBeAccessedByLayers("cli")
                .whereLayer("command")
                .mayOnlyBeAccessedByLayers("cli", "supervisor", "machine")
                .whereLayer("snapshot")
                .mayOnlyBeAccessedByLayers("machine", "cli")
                .whereLayer("vmm")
                .mayOnlyBeAccessedByLayers("machine", "snapshot")
                .whereLayer("net")
                .mayOnlyBeAccessedByLayers("machine", "cli")
                .whereLayer("image")
                .mayOnlyBeAccessedByLayers("machine", "cli")
                .whereLayer("volume")
                .mayOnlyBeAccessedByLayers("machine", "cli")
                .whereLayer("agent")
                .mayOnlyBeAccessedByLayers("machine")
                .whereLayer("settings")
                .mayOnlyBeAccessedByLayers(
                        "cli", "supervisor", "machine", "snapshot", "vmm", "net", "image", "volume", "agent")
                .whereLayer("host")
                .mayOnlyBeAccessedByLayers(
                        "cli",
                        "supervisor",
                        "command",
                        "machine",
                        "snapshot",
                        "vmm",
                        "net",
                        "image",
                        "volume",
                        "agent",
                        "settings")
                .whereLayer("error")
                .mayOnlyBeAccessedByLayers(
                        "cli",
                        "supervisor",
                        "command",
                        "machine",
                        "snapshot",
                        "vmm",
                        "net",
                        "image",
                        "volume",
                        "agent",
                        "settings",
                        "host")
                .whereLayer("contracts")
                .mayOnlyBeAccessedByLayers("cli", "command", "supervisor", "machine", "vmm", "volume", "agent")
                .check(ROOMS);
    }

    @Test
    void shouldHaveNoCyclesBetweenRooms() {
        slices().matching("dev.fcvm.(*)..").should().beFreeOfCycles().check(ROOMS);
    }

    @Test
    void shouldHaveNoCyclesWithinTheRoomOfNetworks() {
        slices().matching("dev.fcvm.(**)")
                .should()
                .beFreeOfCycles()
                .check(ROOMS.that(resideInAPackage("dev.fcvm.net..")));
    }

    @Test
    void shouldHaveNoCyclesBetweenPackages() {
        slices().assignedFrom(new EachPackage()).should().beFreeOfCycles().check(ROOMS);
    }

    @Test
    void shouldKeepTheCommandLinesLibraryInItsRoom() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.fcvm.cli..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("picocli..")
                .check(ROOMS);
    }

    @Test
    void shouldEndTheProcessInOnePlaceOnly() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName("dev.fcvm.cli.Main")
                .should()
                .callMethod(System.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "halt", int.class)
                .check(ROOMS);
    }

    @Test
    void shouldNotPrintBelowTheCommandLine() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.fcvm.cli..")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .check(ROOMS);
    }

    @Test
    void shouldMakeNativeCallsInTheHostsRoomOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.fcvm.host..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.foreign..")
                .check(ROOMS);
    }

    /** Sub-packages as well: a room and what is below it are as separate as two rooms. */
    private static final class EachPackage implements SliceAssignment {

        @Override
        public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
            return SliceIdentifier.of(javaClass.getPackageName());
        }

        @Override
        public String getDescription() {
            return "packages";
        }
    }
}
