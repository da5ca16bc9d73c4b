// fuzz ROUNDS [SEED]: plays a supervisor that sends what none would, and fails when a launcher does more than give up.
// Built with the sanitizers by scripts/fuzz-launcher.sh.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../fcvm.h"

enum { MOST_FRAMES = 600, DEADLINE = 20 };

void die(const char *format, ...) {
    (void)format;
    terminal_restore();
    _exit(FAILED);
}

void start_java(const char *class_name, const char *const *properties, int count) {
    (void)class_name, (void)properties, (void)count;
    _exit(FAILED);
}

static uint64_t state;

static uint32_t below(uint32_t bound) { // xorshift64*
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (uint32_t)((state * 0x2545f4914f6cdd1d) >> 33) % bound;
}

// Mostly what a supervisor could send, so that it gets far.
static void add_frame(struct buffer *to) {
    static const unsigned char types[] = {OUTPUT, OUTPUT, ERRORS, WANTED, RAW, OUTPUT, ERRORS, EXIT, WELCOME, 0};
    unsigned char payload[LARGEST];
    unsigned type = types[below(below(40) ? 7 : sizeof types)];
    uint32_t length = below(3) ? below(64) : below(20000);
    if (type == WANTED) {
        length = 4;
    }
    for (uint32_t i = 0; i < length; i++) {
        payload[i] = (unsigned char)below(256);
    }
    size_t begin = to->length;
    frame_add(to, type, payload, length);
    if (below(50) == 0) {
        to->bytes[begin + below(5)] = (unsigned char)below(256); // a type or a length that is wrong
    }
}

static void play(int socket) {
    struct buffer all = {0};
    uint32_t frames = 1 + below(MOST_FRAMES);
    for (uint32_t i = 0; i < frames; i++) {
        add_frame(&all);
    }
    char ignored[4096];
    for (size_t at = 0; at < all.length;) {
        size_t piece = 1 + below(30000);
        size_t left = all.length - at;
        ssize_t count = send(socket, all.bytes + at, piece < left ? piece : left, MSG_NOSIGNAL);
        if (count < 0) {
            break;
        }
        at += (size_t)count;
        while (recv(socket, ignored, sizeof ignored, MSG_DONTWAIT) > 0) {
        }
    }
    free(all.bytes);
}

static void launch(int socket, int other) {
    close(other);
    int null = open("/dev/null", O_RDWR);
    dup2(below(2) ? null : open("/dev/zero", O_RDONLY), 0);
    dup2(below(8) ? null : open("/dev/full", O_WRONLY), 1);
    alarm(DEADLINE);
    exit(carry(socket));
}

int main(int count, char **given) {
    long rounds = count > 1 ? atol(given[1]) : 1000;
    uint64_t seed = count > 2 ? strtoull(given[2], NULL, 10) : 1;
    for (long round = 0; round < rounds; round++) {
        state = (seed + (uint64_t)round) * 0x9e3779b97f4a7c15 + 1;
        int ends[2];
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) {
            perror("socketpair");
            return 1;
        }
        pid_t child = fork();
        if (child == 0) {
            launch(ends[1], ends[0]);
        }
        close(ends[1]);
        play(ends[0]);
        close(ends[0]);
        int status = 0;
        while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
        }
        if (WIFSIGNALED(status) || WEXITSTATUS(status) == 99) {
            fprintf(stderr, "round %ld of seed %llu: the launcher ended by %s %d\n", round, (unsigned long long)seed,
                    WIFSIGNALED(status) ? "signal" : "code", WIFSIGNALED(status) ? WTERMSIG(status) : 99);
            return 1;
        }
    }
    printf("%ld rounds of at most %d frames\n", rounds, MOST_FRAMES);
    return 0;
}
