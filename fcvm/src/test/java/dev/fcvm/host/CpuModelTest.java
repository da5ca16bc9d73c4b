package dev.fcvm.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CpuModelTest {

    private static String cpuinfo(String model, String stepping, String flags) {
        return """
                processor\t: 0
                vendor_id\t: GenuineIntel
                cpu family\t: 6
                model\t\t: 143
                model name\t: %s
                stepping\t: %s
                cpu MHz\t\t: 2000.123
                flags\t\t: %s

                processor\t: 1
                model name\t: another
                """.formatted(model, stepping, flags);
    }

    @Test
    void shouldTellProcessorsApartByWhatAGuestCanSee() {
        CpuModel one = CpuModel.of(cpuinfo("Xeon", "8", "fpu sse"));
        assertThat(one.text()).startsWith("Xeon (GenuineIntel/6/143/8, features ");
        assertThat(CpuModel.of(cpuinfo("Xeon", "8", "fpu sse").replace("2000.123", "3000.1")))
                .isEqualTo(one);
        assertThat(CpuModel.of(cpuinfo("Xeon", "9", "fpu sse"))).isNotEqualTo(one);
        assertThat(CpuModel.of(cpuinfo("Xeon", "8", "fpu sse avx"))).isNotEqualTo(one);
        assertThat(CpuModel.of(cpuinfo("Epyc", "8", "fpu sse"))).isNotEqualTo(one);
    }

    @Test
    void shouldSaySomethingOfAProcessorThatTellsNothing() {
        assertThat(CpuModel.of("").text()).startsWith("unknown (?/?/?/?, features ");
    }
}
