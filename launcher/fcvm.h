// What the parts of the launcher share. docs/launcher-protocol.md has the meaning of the frames.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FAILED = 125 };     // fcvm failed, as opposed to the container
enum { DIGEST = 64 };      // characters of a distribution's digest
enum { LARGEST = 65536 };  // bytes of a frame's payload
enum { WINDOW = 262144 };  // bytes of an output stream that may be on the way
enum { MOST_REQUEST = 8 << 20 };

enum frame_type {
    // from the launcher
    HELLO = 1,
    REQUEST,
    BEGIN,
    INPUT,
    INPUT_END,
    WRITTEN,
    LOST,
    SIGNAL,
    SIZE,
    // from the supervisor
    WELCOME = 32,
    AGAIN,
    YOURSELF,
    ELSEWHERE,
    OUTPUT,
    ERRORS,
    WANTED,
    RAW,
    EXIT
};

struct buffer {
    unsigned char *bytes;
    size_t length, room;
};

struct frame {
    unsigned type;
    uint32_t length;
    unsigned char payload[LARGEST + 1];
};

// Where a supervisor is found: one a user, data directory and set of namespaces.
struct place {
    char data[4096];
    char namespaces[256];
    char directory[256]; // of sockets, the user's own
    char socket[300];
    char lock[300];
    char log[300];
};

void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
void start_java(const char *class_name, const char *const *properties, int count) __attribute__((noreturn));

// frames.c
void buffer_add(struct buffer *to, const void *bytes, size_t length);
void frame_add(struct buffer *to, enum frame_type type, const void *payload, size_t length);
bool frame_read(int from, struct frame *into);
void put_number(unsigned char *to, uint32_t number);
void put_short(unsigned char *to, unsigned number);
uint32_t number_at(const unsigned char *from);

// place.c
bool setting(const char *home, const char *name, char *value, size_t size);
void place_report(char *option, size_t size);
bool place_find(struct place *place, const char *home);
void place_in(struct place *place, const char *data, size_t length);
int place_connect(const struct place *place);
int place_start(const struct place *place, const char *home, const char *digest);
void place_serve(const char *home, const char *digest) __attribute__((noreturn));

// carry.c
int carry(int supervisor);

// terminal.c
void terminal_raw(void);
void terminal_restore(void);
bool terminal_is_raw(void);
