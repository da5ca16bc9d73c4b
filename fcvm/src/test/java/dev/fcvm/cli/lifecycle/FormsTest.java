package dev.fcvm.cli.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fcvm.error.FcvmException;
import dev.fcvm.host.process.SignalNames;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What users write: signals, times, templates. */
class FormsTest {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-01-02T12:00:00Z"), ZoneOffset.UTC);

    @ParameterizedTest
    @CsvSource({
        "TERM, 15",
        "SIGTERM, 15",
        "sigint, 2",
        "9, 9",
        "RTMIN+3, 37",
        "SIGRTMAX, 64",
        "RTMAX-1, 63",
        "WINCH, 28"
    })
    void shouldKnowSignalsByNameAndNumber(String name, int number) throws Exception {
        assertThat(SignalNames.number(name)).isEqualTo(number);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "65", "999", "TERMX", "RTMIN+31", "-9", "SIG"})
    void shouldRefuseSignalsThereAreNot(String name) {
        assertThatThrownBy(() -> SignalNames.number(name)).isInstanceOf(FcvmException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "10m, 2026-01-02T11:50:00Z",
        "1h30m, 2026-01-02T10:30:00Z",
        "1.5s, 2026-01-02T11:59:58.500Z",
        "2d, 2025-12-31T12:00:00Z",
        "2026-01-01T00:00:00Z, 2026-01-01T00:00:00Z",
        "2026-01-01T02:00:00+02:00, 2026-01-01T00:00:00Z",
        "1767225600, 2026-01-01T00:00:00Z"
    })
    void shouldKnowTimesAndSpans(String text, Instant instant) throws Exception {
        assertThat(Times.of("--since", text, CLOCK)).contains(instant);
    }

    @ParameterizedTest
    @ValueSource(strings = {"yesterday", "10x", "2026-13-01", "12:00", "m"})
    void shouldRefuseTimesThereAreNot(String text) {
        assertThatThrownBy(() -> Times.of("--since", text, CLOCK))
                .isInstanceOf(FcvmException.class)
                .hasMessageStartingWith("--since is \"" + text + "\"");
    }

    @Test
    void shouldFillTemplatesWithFieldsOfADocument() throws Exception {
        String document = "{\"State\":{\"Status\":\"exited\",\"ExitCode\":3},\"Name\":\"web\"}";
        assertThat(Template.parse("{{.Name}}: {{ .State.Status }}\\t{{.State.ExitCode}}")
                        .fill(document))
                .isEqualTo("web: exited\t3");
        assertThat(Template.parse("{{json .State}}").fill(document)).contains("\"Status\":\"exited\"");
        assertThatThrownBy(() -> Template.parse("{{.Nothing}}").fill(document)).hasMessageContaining(".Nothing");
        assertThatThrownBy(() -> Template.parse("{{printf .Name}}")).hasMessageContaining("jq");
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " => ",
            value = {
                "{{range .Ports}}<{{.}}>{{end}} => <80/tcp><53/udp>",
                "{{range .None}}x{{else}}none{{end}} => none",
                "{{if .Running}}up{{else}}down{{end}} => up",
                "{{if eq .Name \"web\"}}it{{end}}{{if not .Running}}no{{end}} => it",
                "{{len .Ports}} {{upper .Name}} {{.Name | upper | lower}} => 2 WEB web",
                "{{index .Labels \"a.b\"}}{{index .Labels \"none\"}} => c",
                "{{index .Ports 1}} {{join .Ports \",\"}} => 53/udp 80/tcp,53/udp",
                "{{.Ports}} {{.Labels}} {{.Running}} => [80/tcp 53/udp] map[a.b:c] true",
                "a {{- .Name -}} b => awebb",
                "{{range .Ports}}{{$.Name}} {{end}}. => web web .",
                "{{if (and .Running (eq .Name \"x\" \"web\"))}}y{{end}} => y",
                "{{.Ports | json}} => [\"80/tcp\",\"53/udp\"]",
            })
    void shouldFillTemplatesAsGoDoes(String template, String text) throws Exception {
        String document = "{\"Name\":\"web\",\"Ports\":[\"80/tcp\",\"53/udp\"],\"None\":[],\"Running\":true,"
                + "\"Labels\":{\"a.b\":\"c\"}}";
        assertThat(Template.parse(template).fill(document)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{",
                "{{.A",
                "{{end}}",
                "{{if .A}}",
                "{{range .A}}{{else}}",
                "{{(.A}}",
                "{{.A)}}",
                "{{|}}",
                "{{.A .B}}",
                "{{template \"x\"}}",
                "{{len}}",
                "{{.A | nothing}}",
                "{{&}}",
                "{{}}"
            })
    void shouldRefuseTemplatesItDoesNotUnderstand(String template) {
        assertThatThrownBy(() -> Template.parse(template))
                .isInstanceOf(FcvmException.class)
                .hasMessageContaining("--format");
    }
}
