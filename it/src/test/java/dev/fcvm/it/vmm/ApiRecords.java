package dev.fcvm.it.vmm;

import dev.fcvm.vmm.firecracker.api.Action;
import dev.fcvm.vmm.firecracker.api.ApiCall;
import dev.fcvm.vmm.firecracker.api.Balloon;
import dev.fcvm.vmm.firecracker.api.BalloonHinting;
import dev.fcvm.vmm.firecracker.api.BalloonStatistics;
import dev.fcvm.vmm.firecracker.api.BootSource;
import dev.fcvm.vmm.firecracker.api.CpuConfig;
import dev.fcvm.vmm.firecracker.api.Drive;
import dev.fcvm.vmm.firecracker.api.Entropy;
import dev.fcvm.vmm.firecracker.api.Feature;
import dev.fcvm.vmm.firecracker.api.FirecrackerVersion;
import dev.fcvm.vmm.firecracker.api.Logger;
import dev.fcvm.vmm.firecracker.api.MachineConfig;
import dev.fcvm.vmm.firecracker.api.MemoryHotplug;
import dev.fcvm.vmm.firecracker.api.MemorySize;
import dev.fcvm.vmm.firecracker.api.Metrics;
import dev.fcvm.vmm.firecracker.api.MmdsConfig;
import dev.fcvm.vmm.firecracker.api.NetworkInterface;
import dev.fcvm.vmm.firecracker.api.Pmem;
import dev.fcvm.vmm.firecracker.api.RateLimiter;
import dev.fcvm.vmm.firecracker.api.Serial;
import dev.fcvm.vmm.firecracker.api.SnapshotCreate;
import dev.fcvm.vmm.firecracker.api.SnapshotLoad;
import dev.fcvm.vmm.firecracker.api.TokenBucket;
import dev.fcvm.vmm.firecracker.api.VmState;
import dev.fcvm.vmm.firecracker.api.Vsock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Every body of the API with every field of it set. */
final class ApiRecords {

    private static final FirecrackerVersion NEWEST = new FirecrackerVersion(99, 0, 0);
    private static final MemorySize SIZE = MemorySize.ofMebibytes(256);
    private static final TokenBucket BUCKET =
            new TokenBucket(1 << 20, Duration.ofMillis(100), OptionalLong.of(1 << 21));
    private static final RateLimiter LIMITER = new RateLimiter(Optional.of(BUCKET), Optional.of(BUCKET));

    private ApiRecords() {}

    /**
     * One of them.
     *
     * @param name what is checked
     * @param full the call with every field set
     * @param steps the way from the body to the object whose fields are checked
     * @param unknown a body with a field in that object that no version knows
     * @param came the fields that came after the oldest version, each with its feature
     */
    record Body(String name, ApiCall full, List<String> steps, String unknown, Map<String, Feature> came) {

        /** Returns the body. */
        String json() {
            return full.body(NEWEST);
        }

        /** Returns the fields a version does not know. */
        Set<String> later(FirecrackerVersion version) {
            return came.entrySet().stream()
                    .filter(field -> field.getValue().refusal(version).isPresent())
                    .map(Map.Entry::getKey)
                    .collect(Collectors.toSet());
        }

        /** Returns the words with which the whole call is refused in a version, if it is. */
        Optional<String> missing(FirecrackerVersion version) {
            return full.features().stream()
                    .flatMap(feature -> feature.refusal(version).stream())
                    .findFirst();
        }
    }

    /**
     * A field with a choice of words.
     *
     * @param json a body with {@code %} in the place of the word
     */
    record Choice(String method, String path, String json, List<String> all, Map<String, Feature> came) {

        /** Returns the words of a version. */
        List<String> words(FirecrackerVersion version) {
            Predicate<String> known = word -> Optional.ofNullable(came.get(word))
                    .flatMap(it -> it.refusal(version))
                    .isEmpty();
            return all.stream().filter(known).toList();
        }
    }

    static List<Body> all() {
        Drive drive = new Drive(
                "d",
                true,
                Optional.of("/d"),
                Optional.of(true),
                Optional.of("0eaa91a0-01"),
                Optional.of(Drive.CacheType.WRITEBACK),
                Optional.of(Drive.IoEngine.ASYNC),
                Optional.of(LIMITER),
                Optional.of("/s"));
        return List.of(
                body(new MachineConfig(
                        2,
                        SIZE,
                        Optional.of(true),
                        Optional.of(true),
                        Optional.of(MachineConfig.HugePages.TWO_MEBIBYTES),
                        Optional.of(MachineConfig.CpuTemplate.T2))),
                body(new MachineConfig.Update(
                        OptionalInt.of(2),
                        Optional.of(SIZE),
                        Optional.of(true),
                        Optional.of(true),
                        Optional.of(MachineConfig.HugePages.NONE),
                        Optional.of(MachineConfig.CpuTemplate.C3))),
                body(new CpuConfig(List.of("171"), List.of(), List.of())),
                body(new BootSource("/k", Optional.of("/i"), Optional.of("quiet"))),
                body(drive),
                nested(drive, "rate_limiter", Map.of()),
                body(new Drive.Update("d", Optional.of("/d"), Optional.of(LIMITER))),
                body(
                        new NetworkInterface(
                                "e",
                                "tap0",
                                Optional.of("06:00:00:00:00:01"),
                                OptionalInt.of(1400),
                                Optional.of(LIMITER),
                                Optional.of(LIMITER)),
                        Map.of("mtu", Feature.MTU)),
                body(new NetworkInterface.Update("e", Optional.of(LIMITER), Optional.of(LIMITER))),
                body(new Vsock(3, "/v")),
                body(new Entropy(Optional.of(LIMITER))),
                body(
                        new Balloon(SIZE, true, Duration.ofSeconds(1), Optional.of(true), Optional.of(true)),
                        Map.of(
                                "free_page_hinting", Feature.BALLOON_HINTING,
                                "free_page_reporting", Feature.BALLOON_REPORTING)),
                body(new Balloon.Resize(SIZE)),
                body(new BalloonStatistics.Interval(Duration.ofSeconds(2))),
                body(new BalloonHinting.Start(Optional.of(true))),
                body(
                        new Serial(Optional.of("/c"), Optional.of(BUCKET)),
                        Map.of("rate_limiter", Feature.SERIAL_RATE_LIMITER)),
                body(new Logger(
                        Optional.of("/l"),
                        Optional.of(Logger.Level.ERROR),
                        Optional.of(true),
                        Optional.of(true),
                        Optional.of("api_server"))),
                body(
                        new Metrics("/m", Optional.of(true), Optional.of(Map.of("a", "b"))),
                        Map.of("emit_id", Feature.METRICS_LABELS, "properties", Feature.METRICS_LABELS)),
                body(
                        new MmdsConfig(
                                List.of("e"),
                                Optional.of(MmdsConfig.Version.V2),
                                Optional.of("169.254.170.2"),
                                Optional.of(true)),
                        Map.of("imds_compat", Feature.IMDS_COMPATIBILITY)),
                body(VmState.PAUSED),
                body(Action.START),
                body(new SnapshotCreate("/s", "/m", Optional.of(SnapshotCreate.Type.FULL))),
                body(load(), lateForLoad()),
                nested(load(), "mem_backend", lateForLoad()),
                body(
                        new Pmem("p", "/p", Optional.of(true), Optional.of(true), Optional.of(LIMITER)),
                        Map.of("rate_limiter", Feature.PMEM_RATE_LIMITER)),
                body(new Pmem.Update("p", Optional.of(LIMITER))),
                body(new MemoryHotplug(SIZE, Optional.of(SIZE), Optional.of(SIZE))),
                body(new MemoryHotplug.Resize(SIZE)));
    }

    private static SnapshotLoad load() {
        return new SnapshotLoad(
                "/s",
                SnapshotLoad.MemoryBackend.ofFile("/m"),
                Optional.of(true),
                Optional.of(true),
                Optional.of(true),
                Optional.of(List.of(new SnapshotLoad.NetworkOverride("e", "tap1"))),
                Optional.of(new SnapshotLoad.VsockOverride("/v")),
                Optional.of(true),
                Optional.of(SnapshotLoad.HugePages.SNAPSHOT));
    }

    private static Map<String, Feature> lateForLoad() {
        return Map.of(
                "network_overrides", Feature.NETWORK_OVERRIDES,
                "vsock_override", Feature.VSOCK_OVERRIDE,
                "track_dirty_pages", Feature.TRACK_DIRTY_PAGES_ON_LOAD,
                "clock_realtime", Feature.CLOCK_REALTIME,
                "huge_pages", Feature.HUGE_PAGES_ON_LOAD);
    }

    static List<Choice> choices() {
        return List.of(
                new Choice(
                        "PUT",
                        "/machine-config",
                        "{\"vcpu_count\":1,\"mem_size_mib\":128,\"huge_pages\":\"%\"}",
                        words(MachineConfig.HugePages.values(), MachineConfig.HugePages::word),
                        Map.of("Transparent", Feature.TRANSPARENT_HUGE_PAGES)),
                new Choice(
                        "PUT",
                        "/machine-config",
                        "{\"vcpu_count\":1,\"mem_size_mib\":128,\"cpu_template\":\"%\"}",
                        words(MachineConfig.CpuTemplate.values(), MachineConfig.CpuTemplate::word),
                        Map.of()),
                new Choice(
                        "PUT",
                        "/drives/d",
                        "{\"drive_id\":\"d\",\"is_root_device\":false,\"cache_type\":\"%\"}",
                        words(Drive.CacheType.values(), Drive.CacheType::word),
                        Map.of()),
                new Choice(
                        "PUT",
                        "/drives/d",
                        "{\"drive_id\":\"d\",\"is_root_device\":false,\"io_engine\":\"%\"}",
                        words(Drive.IoEngine.values(), Drive.IoEngine::word),
                        Map.of()),
                new Choice(
                        "PUT",
                        "/mmds/config",
                        "{\"version\":\"%\"}",
                        words(MmdsConfig.Version.values(), Enum::name),
                        Map.of()),
                new Choice(
                        "PUT",
                        "/snapshot/create",
                        "{\"snapshot_type\":\"%\"}",
                        words(SnapshotCreate.Type.values(), SnapshotCreate.Type::word),
                        Map.of()),
                new Choice(
                        "PUT",
                        "/snapshot/load",
                        "{\"mem_backend\":{\"backend_type\":\"%\"}}",
                        words(SnapshotLoad.BackendType.values(), SnapshotLoad.BackendType::word),
                        Map.of()),
                new Choice("PATCH", "/vm", "{\"state\":\"%\"}", List.of("Paused", "Resumed"), Map.of()),
                new Choice(
                        "PUT",
                        "/actions",
                        "{\"action_type\":\"%\"}",
                        words(Action.Type.values(), Action.Type::word),
                        Map.of()));
    }

    private static <E> List<String> words(E[] values, Function<E, String> word) {
        return Arrays.stream(values).map(word).toList();
    }

    private static Body body(ApiCall full) {
        return body(full, Map.of());
    }

    private static Body body(ApiCall full, Map<String, Feature> came) {
        return new Body(full.method() + " " + full.path(), full, List.of(), "{\"zzz\":1}", came);
    }

    private static Body nested(ApiCall full, String field, Map<String, Feature> came) {
        String name = "%s %s, in %s".formatted(full.method(), full.path(), field);
        return new Body(name, full, List.of(field), "{\"%s\":{\"zzz\":1}}".formatted(field), came);
    }
}
