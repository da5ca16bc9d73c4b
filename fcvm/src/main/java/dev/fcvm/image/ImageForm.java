package dev.fcvm.image;

import dev.fcvm.image.ImageReference.Transport;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/** Tells the form of an image in a file or a directory by what is in it. */
public final class ImageForm {

    private static final int RECORD = 512;

    /** Far more files than an archive of an image has before it shows which form it has. */
    private static final int MOST_FILES = 100_000;

    private final Transport transport;

    private ImageForm(Transport transport) {
        this.transport = transport;
    }

    /** Returns its name with the colon, as references have it. */
    public String prefix() {
        return transport.prefix();
    }

    /** Looks at one; what has no form that is known is taken for docker's, whose reader says what is wrong with it. */
    public static ImageForm of(Path path) {
        if (Files.isDirectory(path)) {
            return new ImageForm(Files.exists(path.resolve("index.json")) ? Transport.OCI : Transport.DIR);
        }
        try (InputStream file = new BufferedInputStream(Files.newInputStream(path))) {
            return new ImageForm(archive(file).orElse(Transport.DOCKER_ARCHIVE));
        } catch (IOException unreadable) {
            return new ImageForm(Transport.DOCKER_ARCHIVE);
        }
    }

    /** Of an archive that has the lists of both forms, docker's is read: it names the image. */
    private static Optional<Transport> archive(InputStream file) throws IOException {
        file.mark(2);
        boolean compressed = file.read() == 0x1f && file.read() == 0x8b;
        file.reset();
        InputStream tar = compressed ? new GZIPInputStream(file) : file;
        Optional<Transport> form = Optional.empty();
        for (int count = 0; count < MOST_FILES; count++) {
            byte[] header = tar.readNBytes(RECORD);
            if (header.length < RECORD || header[0] == 0) {
                return form;
            }
            String name = text(header, 0, 100);
            if (name.matches("(\\./)?manifest\\.json")) {
                return Optional.of(Transport.DOCKER_ARCHIVE);
            }
            if (name.matches("(\\./)?oci-layout")) {
                form = Optional.of(Transport.OCI_ARCHIVE);
            }
            String size = text(header, 124, 12).strip();
            if (!size.matches("[0-7]{1,12}")) {
                return form;
            }
            long content = Long.parseLong(size, 8);
            tar.skipNBytes(content + (-content & (RECORD - 1)));
        }
        return form;
    }

    private static String text(byte[] header, int from, int length) {
        int end = from;
        while (end < from + length && header[end] != 0) {
            end++;
        }
        return new String(header, from, end - from, StandardCharsets.ISO_8859_1);
    }
}
