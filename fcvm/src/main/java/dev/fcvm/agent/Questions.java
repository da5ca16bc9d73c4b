package dev.fcvm.agent;

import dev.fcvm.link.LinkException;
import dev.fcvm.link.message.Message;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** What an agent was asked in one session and has not answered yet. All methods may be called from any thread. */
final class Questions {

    /** What is answered with what kept it from being done, or with nothing. */
    enum Wish {
        HOLD,
        RENEW,
        MOUNT
    }

    /** By the container; one at a time of each. */
    private final Map<Wish, Map<String, CompletableFuture<String>>> wishes = new EnumMap<>(Wish.class);

    private final Map<Integer, CompletableFuture<ProbeResult>> probes = new ConcurrentHashMap<>();
    private final AtomicInteger lastProbe = new AtomicInteger();

    Questions() {
        for (Wish wish : Wish.values()) {
            wishes.put(wish, new ConcurrentHashMap<>());
        }
    }

    CompletableFuture<String> ask(Wish wish, String container) {
        var answer = new CompletableFuture<String>();
        of(wish).put(container, answer);
        return answer;
    }

    void answer(Wish wish, String container, String problem) {
        CompletableFuture<String> asked = of(wish).remove(container);
        if (asked != null) {
            asked.complete(GuestText.reason(problem));
        }
    }

    private Map<String, CompletableFuture<String>> of(Wish wish) {
        return Objects.requireNonNull(wishes.get(wish));
    }

    /** Returns the number of a look that is about to be asked for. */
    int nextProbe() {
        return lastProbe.incrementAndGet();
    }

    CompletableFuture<ProbeResult> probe(int number) {
        var result = new CompletableFuture<ProbeResult>();
        probes.put(number, result);
        CompletableFuture<ProbeResult> _ = result.whenComplete((_, _) -> probes.remove(number));
        return result;
    }

    void forgetProbe(int number) {
        probes.remove(number);
    }

    void answer(Message.Probed probed) {
        CompletableFuture<ProbeResult> result = probes.remove(probed.probe());
        if (result != null) {
            result.complete(new ProbeResult(probed.met(), probed.status(), GuestText.reason(probed.seen())));
        }
    }

    /** Nothing will be answered any more. */
    void end(String reason) {
        wishes.forEach((wish, waiting) ->
                waiting.keySet().forEach(container -> answer(wish, container, "the session is over: " + reason)));
        for (CompletableFuture<ProbeResult> probe : List.copyOf(probes.values())) {
            probe.completeExceptionally(new LinkException("the session with it is over: " + reason));
        }
        probes.clear();
    }
}
