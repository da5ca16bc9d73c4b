package dev.fcvm.it.scripts;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.fcvm.it.harness.Child;
import dev.fcvm.it.harness.Place;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Releases of Firecracker laid out as on GitHub, in a directory that can also be served. */
record FirecrackerReleases(Path directory) {

    /** Makes them from the genuine programs: one release, of the version that they are. */
    static FirecrackerReleases of(Place place, Path firecracker) throws IOException {
        FirecrackerReleases releases = new FirecrackerReleases(place.directory("releases"));
        String version = version(firecracker);
        Path content = place.directory("content/release-" + version + "-x86_64");
        for (String tool : List.of("firecracker", "jailer")) {
            Files.copy(firecracker.resolveSibling(tool), content.resolve(tool + "-" + version + "-x86_64"));
        }
        place.directory("releases/download/" + version);
        Child.of(
                        "tar",
                        "-C",
                        content.getParent().toString(),
                        "-czf",
                        releases.archive(version).toString(),
                        content.getFileName().toString())
                .run()
                .expect(0);
        Files.writeString(
                releases.checksum(version),
                ScriptTree.digest(releases.archive(version)) + "  "
                        + releases.archive(version).getFileName() + "\n");
        Files.writeString(releases.directory().resolve("latest"), version + "\n");
        return releases;
    }

    /** Asks the program for its version, such as {@code v1.12.1}. */
    static String version(Path firecracker) {
        String said =
                Child.of(firecracker.toString(), "--version").run().expect(0).out();
        return said.lines()
                .findFirst()
                .orElseThrow()
                .replace("Firecracker ", "")
                .strip();
    }

    Path archive(String version) {
        return directory.resolve("download/%s/firecracker-%s-x86_64.tgz".formatted(version, version));
    }

    Path checksum(String version) {
        return directory.resolve("download/%s/firecracker-%s-x86_64.tgz.sha256.txt".formatted(version, version));
    }

    /** A web server over them, which answers {@code /latest} with a redirect as GitHub does, and counts. */
    static final class Site implements AutoCloseable {
        private final FirecrackerReleases releases;
        private final String latest;
        private final HttpServer server;
        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        private final List<String> asked = new CopyOnWriteArrayList<>();
        private final CountDownLatch halfSent = new CountDownLatch(1);
        private final CountDownLatch over = new CountDownLatch(1);
        private volatile boolean stalling;

        Site(FirecrackerReleases releases, String latest) throws IOException {
            this.releases = releases;
            this.latest = latest;
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setExecutor(threads);
            server.createContext("/", this::answer);
            server.start();
        }

        String address() {
            return "http://127.0.0.1:" + server.getAddress().getPort() + "/releases";
        }

        /** Returns the paths that were asked for. */
        List<String> asked() {
            return List.copyOf(asked);
        }

        /** From now on half an archive is sent, and then nothing. */
        void stall() {
            stalling = true;
        }

        /** Waits until somebody has half an archive. */
        void awaitHalf() throws InterruptedException {
            halfSent.await();
        }

        private void answer(HttpExchange exchange) throws IOException {
            try (exchange) {
                String path = exchange.getRequestURI().getPath();
                asked.add(path);
                if (path.equals("/releases/latest")) {
                    exchange.getResponseHeaders().set("Location", "/releases/tag/" + latest);
                    exchange.sendResponseHeaders(302, -1);
                    return;
                }
                byte[] page = "<html>a page for people</html>".getBytes(StandardCharsets.UTF_8);
                Path file = releases.directory().resolve(path.replaceFirst("^/releases/", ""));
                if (Files.isRegularFile(file)) {
                    page = Files.readAllBytes(file);
                } else if (!path.startsWith("/releases/tag/")) {
                    exchange.sendResponseHeaders(404, -1);
                    return;
                }
                exchange.sendResponseHeaders(200, page.length);
                if (stalling && path.endsWith(".tgz")) {
                    exchange.getResponseBody().write(page, 0, page.length / 2);
                    exchange.getResponseBody().flush();
                    halfSent.countDown();
                    over.await();
                } else {
                    exchange.getResponseBody().write(page);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void close() {
            over.countDown();
            server.stop(0);
            threads.close();
        }
    }
}
