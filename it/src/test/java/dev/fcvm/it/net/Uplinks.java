package dev.fcvm.it.net;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The test's end of an {@link UplinkDriver}. */
final class Uplinks implements AutoCloseable {

    private final Process process;
    private final BufferedWriter to;
    private final BufferedReader from;

    private Uplinks(Process process) {
        this.process = process;
        to = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
        from = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    static Uplinks in(Namespace host, Path place, String pool) throws IOException {
        Path repository = Path.of(System.getProperty("fcvm.test.repository"))
                .toAbsolutePath()
                .normalize();
        return driving(
                host,
                UplinkDriver.class,
                place.resolve("networks").toString(),
                repository.resolve("network/nftables-template.nft").toString(),
                place.resolve("machines").toString(),
                pool);
    }

    /** Starts the driver of one rootless machine's network. */
    static Uplinks ofRootless(Namespace host, Path place) throws IOException {
        return driving(host, NetworkDriver.class, place.toString());
    }

    private static Uplinks driving(Namespace host, Class<?> driver, String... arguments) throws IOException {
        List<String> words = new ArrayList<>(List.of(
                "nsenter",
                "--target",
                Long.toString(host.pid()),
                "--net",
                "--",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                driver.getName()));
        words.addAll(List.of(arguments));
        return new Uplinks(new ProcessBuilder(words)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** Says a line and returns what comes after {@code ok}. */
    String ok(String... words) throws IOException {
        String answer = say(words);
        if (!answer.startsWith("ok ")) {
            throw new AssertionError(String.join(" ", words) + " was answered by: " + answer);
        }
        return answer.substring("ok ".length());
    }

    /** Says a line and returns what comes after {@code error}. */
    String refused(String... words) throws IOException {
        String answer = say(words);
        if (!answer.startsWith("error ")) {
            throw new AssertionError(String.join(" ", words) + " was answered by: " + answer);
        }
        return answer.substring("error ".length());
    }

    private String say(String... words) throws IOException {
        to.write(String.join(" ", words) + "\n");
        to.flush();
        String answer = from.readLine();
        if (answer == null) {
            throw new AssertionError("the driver ended at: " + String.join(" ", words));
        }
        return answer;
    }

    /** As {@code kill -9} does; on return it is gone. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            throw new AssertionError("the driver cannot be killed");
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
