"""Serves a restored machine's memory: uffd-handler.py SOCKET MEMORY.

Takes one connection of Firecracker's on SOCKET, and with it the regions and the userfaultfd; copies what the guest touches
out of the file MEMORY, 64 KiB at a time, and gives zeroes for what the guest has given back. Says "served N" now and then.
"""
import array
import ctypes
import errno
import fcntl
import json
import mmap
import os
import socket
import struct
import sys

UFFDIO_COPY = 0xC028AA03
UFFDIO_ZEROPAGE = 0xC020AA04
PAGEFAULT, REMOVE = 0x12, 0x15
PAGE, PIECE = 4096, 65536

listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
print("listening", flush=True)
connection, _ = listener.accept()
message, descriptors, _, _ = socket.recv_fds(connection, 65536, 1)
regions = json.loads(message)
uffd = descriptors[0]
os.set_blocking(uffd, True)
with open(sys.argv[2], "rb") as file:
    memory = mmap.mmap(file.fileno(), 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_WRITE)
source = ctypes.addressof(ctypes.c_char.from_buffer(memory))
removed = set()


def give(request, *words):
    """Makes the call; False where the page is there already, or the guest is just giving pages back."""
    try:
        fcntl.ioctl(uffd, request, array.array("Q", words), True)
        return True
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.EAGAIN):
            return False
        raise


def fault(address):
    page = address & ~(PAGE - 1)
    if page in removed:
        give(UFFDIO_ZEROPAGE, page, PAGE, 0, 0)
        return
    for region in regions:
        start, end = region["base_host_virt_addr"], region["base_host_virt_addr"] + region["size"]
        if start <= page < end:
            last = min(end, page + PIECE)
            whole = not any(other in removed for other in range(page, last, PAGE))
            length = last - page if whole else PAGE
            offset = source + region["offset"] + page - start
            if not give(UFFDIO_COPY, page, offset, length, 0, 0):
                give(UFFDIO_COPY, page, offset, PAGE, 0, 0)
            return
    raise SystemExit("a fault outside of all regions")


served = 0
while True:
    event = os.read(uffd, 32)
    kind = event[0]
    if kind == PAGEFAULT:
        fault(struct.unpack_from("Q", event, 16)[0])
        served += 1
        if served & (served - 1) == 0:
            print("served", served, flush=True)
    elif kind == REMOVE:
        first, last = struct.unpack_from("QQ", event, 8)
        removed.update(range(first, last, PAGE))
