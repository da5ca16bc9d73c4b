// Frames: a byte for the type, four for the length, most significant first, then the payload.

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "fcvm.h"

void put_number(unsigned char *to, uint32_t number) {
    for (int i = 0; i < 4; i++) {
        to[i] = (unsigned char)(number >> (24 - 8 * i));
    }
}

void put_short(unsigned char *to, unsigned number) {
    to[0] = (unsigned char)(number >> 8);
    to[1] = (unsigned char)number;
}

uint32_t number_at(const unsigned char *from) {
    return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

void buffer_add(struct buffer *to, const void *bytes, size_t length) {
    if (to->length + length > to->room) {
        size_t room = (to->length + length) * 2;
        unsigned char *larger = realloc(to->bytes, room);
        if (!larger) {
            die("there is not enough memory for the command line");
        }
        to->bytes = larger;
        to->room = room;
    }
    if (length > 0) {
        memcpy(to->bytes + to->length, bytes, length);
    }
    to->length += length;
}

void frame_add(struct buffer *to, enum frame_type type, const void *payload, size_t length) {
    unsigned char head[5] = {(unsigned char)type};
    put_number(head + 1, (uint32_t)length);
    buffer_add(to, head, sizeof head);
    buffer_add(to, payload, length);
}

static bool read_whole(int from, unsigned char *into, size_t length) {
    for (size_t at = 0; at < length;) {
        ssize_t count = recv(from, into + at, length - at, 0);
        if (count == 0 || (count < 0 && errno != EINTR)) {
            return false;
        }
        at += count < 0 ? 0 : (size_t)count;
    }
    return true;
}

// Reads one frame and not a byte more, waiting for it.
bool frame_read(int from, struct frame *into) {
    unsigned char head[5];
    errno = 0;
    if (!read_whole(from, head, sizeof head)) {
        return false;
    }
    into->type = head[0];
    into->length = number_at(head + 1);
    if (into->length > LARGEST || !read_whole(from, into->payload, into->length)) {
        return false;
    }
    into->payload[into->length] = 0;
    return true;
}
