package dev.fcvm.image;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.fcvm.error.FcvmException;
import dev.fcvm.host.json.MalformedJson;
import dev.fcvm.host.json.UntrustedJson;
import dev.fcvm.image.QualifiedName.Unqualified;
import io.avaje.jsonb.Jsonb;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What comes from the command line, from registries and from archives is read or refused in one line, and never becomes
 * a path out of the store. Without {@code JAZZER_FUZZ=1} only the inputs under src/test/resources are run.
 */
class ParserFuzzTest {

    private static final Path SHARED = shared();
    private static final Catalogue CATALOGUE = new Catalogue(Path.of("/store"));

    @FuzzTest(maxDuration = "3m")
    void shouldReadOrRefuseAnyReference(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        try {
            switch (ImageReference.parse(text, Path.of("/home/ann")::resolve)) {
                case ImageReference.Registry named -> staysInside(named.name());
                case ImageReference.ShortName named -> {
                    RegistriesConf nothing =
                            new RegistriesConf(List.of(), Map.of(), RegistriesConf.ShortNameMode.PERMISSIVE);
                    nothing.local(named.name()).forEach(ParserFuzzTest::staysInside);
                }
                case ImageReference.InFile file -> {
                    if (!file.path().isAbsolute()
                            || !file.path().equals(file.path().normalize())) {
                        throw new AssertionError("not an absolute path: " + file);
                    }
                }
                case ImageReference.InEngine engine ->
                    ArchiveNames.docker(engine.name()).forEach(ParserFuzzTest::staysInside);
                case ImageReference.ById named -> require(named.hex().length() == 64, named.hex());
            }
        } catch (FcvmException e) {
            oneLine(e);
        }
    }

    @FuzzTest(maxDuration = "3m")
    void shouldReadOrRefuseAnyToml(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        try {
            TomlSubset.parse(text)
                    .forEach(entry -> require(entry.values().stream().noneMatch(Objects::isNull), text));
        } catch (TomlSubset.MalformedException e) {
            require(String.valueOf(e.getMessage()).startsWith("line "), String.valueOf(e.getMessage()));
        }
    }

    @FuzzTest(maxDuration = "3m")
    void shouldReadOrRefuseAnyRegistriesConf(byte[] content) throws Exception {
        Path root = Files.createTempDirectory(SHARED, "fuzz");
        Path file = root.resolve("registries.conf");
        try {
            Files.write(file, content);
            RegistriesConf conf = RegistriesConf.read(
                    root, Map.of("HOME", root.toString(), "CONTAINERS_REGISTRIES_CONF", file.toString()));
            for (String name : List.of("alpine:3", "a/b", "c@" + RawManifestTest.digest(0))) {
                Unqualified parts = Unqualified.split(name);
                conf.local(parts).forEach(ParserFuzzTest::staysInside);
                conf.remote(name, parts).forEach(ParserFuzzTest::staysInside);
            }
        } catch (FcvmException e) {
            oneLine(e);
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(root);
        }
    }

    private static Path shared() {
        FileSystem system = FileSystems.getDefault();
        Path memory = system.getPath("/dev/shm");
        return Files.isWritable(memory) ? memory : system.getPath(System.getProperty("java.io.tmpdir"));
    }

    @FuzzTest(maxDuration = "3m")
    void shouldReadOrRefuseAnyManifest(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        try {
            RawManifest manifest = Skopeo.parse(text, "the image");
            require(manifest.bytes() >= 0, text);
            require(manifest.layerCount() >= 0, text);
            manifest.platforms().forEach(words -> require(words.matches("[\\w./?-]*"), words));
            QualifiedName base = QualifiedName.parse("quay.io/a/b");
            manifest.select(Platform.host()).ifPresent(digest -> staysInside(base.withDigest(digest)));
            manifest.imageId().ifPresent(id -> require(id.matches("[0-9a-f]{64}"), id));
        } catch (FcvmException e) {
            oneLine(e);
        }
    }

    @FuzzTest(maxDuration = "3m")
    void shouldReadOrRefuseAnyConfiguration(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        try {
            RawImage image = UntrustedJson.read(Jsonb.instance().type(RawImage.class), text);
            require(image.createdSeconds(java.time.Instant.EPOCH) > Long.MIN_VALUE, text);
            ImageConfig config = image.toConfig();
            String written = Jsonb.instance().type(ImageConfig.class).toJson(config);
            require(Jsonb.instance().type(ImageConfig.class).fromJson(written).equals(config), written);
        } catch (MalformedJson e) {
            require(e.getMessage() != null, text);
        }
    }

    @FuzzTest(maxDuration = "3m")
    void shouldTakeOnlyNamesFromAnyArchive(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        for (ArchiveIndex index : List.of(ArchiveIndex.oci(text), ArchiveIndex.docker(text))) {
            index.images()
                    .forEach(image -> ArchiveNames.of(index, image.reference()).forEach(ParserFuzzTest::staysInside));
            ArchiveNames.of(index, "").forEach(ParserFuzzTest::staysInside);
        }
    }

    private static void staysInside(QualifiedName name) {
        Path names = CATALOGUE.store().resolve("names");
        Path link = names.resolve(name.registry())
                .resolve(name.repository())
                .resolve(name.digest().orElse(name.tag().orElse("latest")));
        require(link.startsWith(names) && link.equals(link.normalize()), name.toString());
        require(name.toString().matches("[\\x21-\\x7e]+"), name.toString());
    }

    private static void oneLine(FcvmException e) {
        String message = String.valueOf(e.getMessage());
        require(message.chars().noneMatch(Character::isISOControl), message);
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
