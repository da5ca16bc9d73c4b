// Carries a command's streams, signals and terminal until its exit code comes.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fcvm.h"

enum { INTERRUPTS = 3, INTERRUPT_SECONDS = 3, LAST_WORDS_SECONDS = 10 };

// An output stream: what has come for it and is not yet written.
struct sink {
    int descriptor; // -1 when it cannot be written any more
    int original;
    bool may_block; // then no more is written at once than a pipe that is ready takes
    bool is_socket;
    unsigned char waiting[WINDOW];
    size_t begin, end;
    uint32_t written; // not yet told
    int lost;         // the error, not yet told
};

static struct sink sinks[2];
static struct buffer sending; // frames that the socket has not taken yet
static size_t sent;
static uint32_t wanted; // how much of the input the command takes
static bool input_ended;
static uint64_t signals; // not yet told
static bool size_changed;
static int supervisor;
static int interrupts;
static time_t first_interrupt, last_interrupt;

// ---- output ------------------------------------------------------------------------------------------------------------------

// The descriptors are shared with others, who would suffer from O_NONBLOCK: a pipe or a terminal is opened once more.
static void open_sink(struct sink *sink, int original) {
    struct stat status;
    sink->descriptor = sink->original = original;
    if (fstat(original, &status) != 0) {
        return;
    }
    sink->is_socket = S_ISSOCK(status.st_mode);
    if (S_ISFIFO(status.st_mode) || isatty(original)) {
        char path[32];
        snprintf(path, sizeof path, "/proc/self/fd/%d", original);
        int again = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        sink->may_block = again < 0;
        sink->descriptor = again < 0 ? original : again;
    }
}

static bool has_more(const struct sink *sink) { return sink->descriptor >= 0 && sink->end > sink->begin; }

static void write_sink(struct sink *sink) {
    while (has_more(sink)) {
        size_t length = sink->end - sink->begin;
        if (sink->may_block && length > 512) {
            length = 512; // POSIX's PIPE_BUF
        }
        ssize_t count = sink->is_socket
                            ? send(sink->descriptor, sink->waiting + sink->begin, length, MSG_DONTWAIT | MSG_NOSIGNAL)
                            : write(sink->descriptor, sink->waiting + sink->begin, length);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            break;
        }
        if (count < 0) {
            sink->lost = errno;
            sink->descriptor = -1;
            sink->begin = sink->end = 0;
            return;
        }
        sink->begin += (size_t)count;
        sink->written += (uint32_t)count;
        if (sink->may_block) {
            break; // poll says when it takes more
        }
    }
    if (sink->begin == sink->end) {
        sink->begin = sink->end = 0;
    }
}

static void receive_output(struct sink *sink, const unsigned char *bytes, size_t length) {
    if (sink->descriptor < 0) {
        return;
    }
    if (sink->end + length > sizeof sink->waiting) {
        memmove(sink->waiting, sink->waiting + sink->begin, sink->end - sink->begin);
        sink->end -= sink->begin;
        sink->begin = 0;
    }
    if (sink->end + length > sizeof sink->waiting) {
        die("the supervisor sends more than it may");
    }
    memcpy(sink->waiting + sink->end, bytes, length);
    sink->end += length;
    if (!sink->may_block) {
        write_sink(sink);
    }
}

// ---- to the supervisor ---------------------------------------------------------------------------------------------------------

static void tell_of_output(void) {
    for (unsigned char i = 0; i < 2; i++) {
        unsigned char news[5] = {i};
        if (sinks[i].written) {
            put_number(news + 1, sinks[i].written);
            frame_add(&sending, WRITTEN, news, sizeof news);
            sinks[i].written = 0;
        }
        if (sinks[i].lost) {
            put_number(news + 1, (uint32_t)sinks[i].lost);
            frame_add(&sending, LOST, news, sizeof news);
            sinks[i].lost = 0;
        }
    }
}

static void tell_of_terminal_and_signals(void) {
    struct winsize size;
    if (size_changed && ioctl(0, TIOCGWINSZ, &size) == 0) {
        unsigned char payload[4];
        put_short(payload, size.ws_col);
        put_short(payload + 2, size.ws_row);
        frame_add(&sending, SIZE, payload, sizeof payload);
    }
    size_changed = false;
    for (unsigned char number = 1; signals && number < 64; number++) {
        if (signals & (1ULL << number)) {
            frame_add(&sending, SIGNAL, &number, 1);
        }
    }
    signals = 0;
}

// What is to be told is collected while the socket takes nothing, so that it never grows.
static bool send_what_there_is(void) {
    if (sent == sending.length) {
        sent = sending.length = 0;
        tell_of_output();
        tell_of_terminal_and_signals();
    }
    while (sent < sending.length) {
        ssize_t count = send(supervisor, sending.bytes + sent, sending.length - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return errno == EAGAIN || errno == EWOULDBLOCK || errno == EPIPE || errno == ECONNRESET;
        }
        sent += (size_t)count;
    }
    return true;
}

static void read_input(void) {
    static unsigned char bytes[LARGEST];
    ssize_t count = read(0, bytes, wanted < sizeof bytes ? wanted : sizeof bytes);
    if (count > 0) {
        wanted -= (uint32_t)count;
        frame_add(&sending, INPUT, bytes, (size_t)count);
    } else if (count == 0 || (errno != EINTR && errno != EAGAIN)) {
        // What cannot be read, a directory say, ends there.
        input_ended = true;
        frame_add(&sending, INPUT_END, NULL, 0);
    }
}

// ---- signals ---------------------------------------------------------------------------------------------------------------------

static int open_signals(void) {
    const int passed[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH, SIGTSTP, SIGCONT};
    sigset_t mask;
    sigemptyset(&mask);
    for (size_t i = 0; i < sizeof passed / sizeof *passed; i++) {
        struct sigaction action;
        // nohup and a shell's background jobs ignore some, and that is to hold.
        if (sigaction(passed[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN) {
            sigaddset(&mask, passed[i]);
        }
    }
    sigprocmask(SIG_BLOCK, &mask, NULL);
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
}

// Stops as the user wants it, with the terminal as the shell likes it, and goes on where it was.
static void stop(void) {
    bool raw = terminal_is_raw();
    terminal_restore();
    sigset_t mask, old;
    sigemptyset(&mask);
    sigaddset(&mask, SIGTSTP);
    raise(SIGTSTP);
    sigprocmask(SIG_UNBLOCK, &mask, &old); // stops here, unless nobody could make it go on
    sigprocmask(SIG_SETMASK, &old, NULL);
    if (raw) {
        terminal_raw();
    }
}

static void receive_signals(int source) {
    struct signalfd_siginfo signal;
    while (read(source, &signal, sizeof signal) == sizeof signal) {
        switch (signal.ssi_signo) {
        case SIGWINCH:
            size_changed = true;
            break;
        case SIGTSTP:
            stop();
            size_changed = true;
            break;
        case SIGCONT:
            if (terminal_is_raw()) {
                terminal_raw();
            }
            size_changed = true;
            break;
        case SIGINT:
            last_interrupt = time(NULL);
            if (interrupts == 0 || last_interrupt - first_interrupt > INTERRUPT_SECONDS) {
                interrupts = 0;
                first_interrupt = last_interrupt;
            }
            interrupts++;
            // fall through
        default:
            signals |= 1ULL << signal.ssi_signo;
        }
    }
}

// A supervisor that hangs must not keep the user: who has pressed Ctrl-C three times has waited long enough.
static bool is_given_up(void) {
    return interrupts >= INTERRUPTS && time(NULL) - last_interrupt >= LAST_WORDS_SECONDS;
}

// ---- from the supervisor --------------------------------------------------------------------------------------------------------

static unsigned char incoming[5 + LARGEST];
static size_t received;
static int code = -1;

static void act(unsigned type, const unsigned char *payload, uint32_t length) {
    switch (type) {
    case OUTPUT:
    case ERRORS:
        receive_output(&sinks[type == ERRORS], payload, length);
        return;
    case WANTED:
        if (length == 4) {
            wanted += number_at(payload);
        }
        return;
    case RAW:
        if (length == 1 && payload[0]) {
            terminal_raw();
        } else {
            terminal_restore();
        }
        return;
    case EXIT:
        code = length == 1 ? payload[0] : FAILED;
        return;
    default:
        die("the supervisor sends what this launcher does not know");
    }
}

// Returns false when nothing more will come.
static bool receive(void) {
    ssize_t count = recv(supervisor, incoming + received, sizeof incoming - received, MSG_DONTWAIT);
    if (count <= 0) {
        return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
    }
    received += (size_t)count;
    size_t at = 0;
    while (code < 0 && received - at >= 5) {
        uint32_t length = number_at(incoming + at + 1);
        if (length > LARGEST) {
            die("the supervisor sends a frame that is too long");
        }
        if (received - at < 5 + length) {
            break;
        }
        act(incoming[at], incoming + at + 5, length);
        at += 5 + length;
    }
    memmove(incoming, incoming + at, received - at);
    received -= at;
    return true;
}

static int end(void) {
    terminal_restore();
    return code;
}

// Returns the command's exit code.
int carry(int connection) {
    supervisor = connection;
    int source = open_signals();
    open_sink(&sinks[0], 1);
    open_sink(&sinks[1], 2);
    bool connected = true;
    while (code < 0 || has_more(&sinks[0]) || has_more(&sinks[1])) {
        if (connected && !send_what_there_is()) {
            die("cannot speak to the supervisor: %s", strerror(errno));
        }
        bool idle = sent == sending.length;
        bool listens = connected && code < 0;
        struct pollfd all[] = {
            {.fd = listens ? supervisor : -1, .events = (short)(POLLIN | (idle ? 0 : POLLOUT))},
            {.fd = source, .events = POLLIN},
            {.fd = has_more(&sinks[0]) ? sinks[0].descriptor : -1, .events = POLLOUT},
            {.fd = has_more(&sinks[1]) ? sinks[1].descriptor : -1, .events = POLLOUT},
            {.fd = listens && idle && wanted && !input_ended ? 0 : -1, .events = POLLIN},
        };
        if (poll(all, 5, interrupts >= INTERRUPTS ? 1000 : -1) < 0 && errno != EINTR) {
            die("cannot wait: %s", strerror(errno));
        }
        if (is_given_up()) {
            fputs("fcvm: the supervisor does not answer; the command may still be running\n", stderr);
            code = 128 + SIGINT;
            return end();
        }
        if (all[1].revents) {
            receive_signals(source);
        }
        for (int i = 0; i < 2; i++) {
            if (all[2 + i].revents) {
                write_sink(&sinks[i]);
            }
        }
        if (all[0].revents & (POLLIN | POLLHUP | POLLERR)) {
            connected = receive();
        }
        if (!connected && code < 0) {
            die("the supervisor has ended before the command did; machines that ran go on, and so do commands in them:"
                " see fcvm ps, fcvm attach and fcvm events");
        }
        if (all[4].revents && connected) {
            read_input();
        }
    }
    return end();
}
