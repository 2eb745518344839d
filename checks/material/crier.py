"""A static program of a few hundred bytes, which reads a file aloud.

Nothing of it is taken from a system: it needs neither library nor shell, so that a root file system
may hold it and nothing else. It writes the file that its first argument names to its standard
output, and exits with 0; with 2 when no file is named, 3 when it cannot be opened, 4 or 5 when it
cannot be read or written.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

X86_64, AARCH64 = 0x3E, 0xB7
"""`e_machine` of the two processors (System V ABI, "ELF-64 object file format")."""
_START = 0x400000
_HEADERS = 64 + 56
_ALIGN = 0x10000
"""The largest page of the two."""

_CODE = {
    X86_64: """
        48 8b 1c 24           mov rbx, [rsp]        the number of arguments
        bf 02 00 00 00        mov edi, 2
        83 fb 02              cmp ebx, 2
        7c 5a                 jl quit
        48 8b 74 24 10        mov rsi, [rsp + 16]   the first after the program's name
        bf 9c ff ff ff        mov edi, AT_FDCWD
        31 d2                 xor edx, edx          O_RDONLY
        b8 01 01 00 00        mov eax, 257          openat
        0f 05                 syscall
        bf 03 00 00 00        mov edi, 3
        85 c0                 test eax, eax
        78 3e                 js quit
        89 c3                 mov ebx, eax
        48 81 ec 00 10 00 00  sub rsp, 4096
        89 df                 again: mov edi, ebx
        48 89 e6              mov rsi, rsp
        ba 00 10 00 00        mov edx, 4096
        31 c0                 xor eax, eax          read
        0f 05                 syscall
        bf 04 00 00 00        mov edi, 4
        85 c0                 test eax, eax
        78 1e                 js quit
        bf 00 00 00 00        mov edi, 0            which leaves the flags as they are
        74 17                 je quit
        89 c2                 mov edx, eax
        bf 01 00 00 00        mov edi, 1
        b8 01 00 00 00        mov eax, 1            write
        0f 05                 syscall
        bf 05 00 00 00        mov edi, 5
        85 c0                 test eax, eax
        7f cb                 jg again
        b8 3c 00 00 00        quit: mov eax, 60     exit
        0f 05                 syscall
    """,
    AARCH64: """
        e9 03 40 f9           ldr x9, [sp]          the number of arguments
        40 00 80 d2           mov x0, 2
        3f 09 00 f1           cmp x9, 2
        8b 03 00 54           b.lt quit
        e1 0b 40 f9           ldr x1, [sp, 16]      the first after the program's name
        60 0c 80 92           mov x0, AT_FDCWD
        02 00 80 d2           mov x2, 0             O_RDONLY
        08 07 80 d2           mov x8, 56            openat
        01 00 00 d4           svc 0
        f3 03 00 aa           mov x19, x0
        60 00 80 d2           mov x0, 3
        93 02 f8 b7           tbnz x19, 63, quit
        ff 07 40 d1           sub sp, sp, 4096
        e0 03 13 aa           again: mov x0, x19
        e1 03 00 91           mov x1, sp
        02 00 82 d2           mov x2, 4096
        e8 07 80 d2           mov x8, 63            read
        01 00 00 d4           svc 0
        e2 03 00 aa           mov x2, x0
        80 00 80 d2           mov x0, 4
        62 01 f8 b7           tbnz x2, 63, quit
        00 00 80 d2           mov x0, 0
        22 01 00 b4           cbz x2, quit
        20 00 80 d2           mov x0, 1
        e1 03 00 91           mov x1, sp
        08 08 80 d2           mov x8, 64            write
        01 00 00 d4           svc 0
        e9 03 00 aa           mov x9, x0
        a0 00 80 d2           mov x0, 5
        3f 01 00 f1           cmp x9, 0
        ec fd ff 54           b.gt again
        a8 0b 80 d2           quit: mov x8, 93      exit
        01 00 00 d4           svc 0
    """,
}
"""Machine code, one instruction a line: its bytes, what it is, what it is for."""


def program(machine: int) -> bytes:
    """The program for one processor (`X86_64` when it is neither of the two)."""
    machine = machine if machine in _CODE else X86_64
    lines = _CODE[machine].strip().splitlines()
    code = b"".join(bytes.fromhex(line.strip()[:21]) for line in lines)
    size = _HEADERS + len(code)
    header = struct.pack(
        "<16sHHIQQQIHHHHHH",
        b"\x7fELF\x02\x01\x01", 2, machine, 1, _START + _HEADERS, 64, 0, 0, 64, 56, 1, 0, 0, 0,
    )  # fmt: skip
    # One segment, read and executed: headers and code as they are in the file.
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, _START, _START, size, size, _ALIGN)
    return header + segment + code


def programs() -> tuple[bytes, ...]:
    """The program for every processor."""
    return tuple(program(machine) for machine in _CODE)


def machine_of(layers: Sequence[bytes]) -> int:
    """The processor that the programs in `layers` (uncompressed) are for; 0 when there is none."""
    for data in layers:
        start = data.find(b"\x7fELF")
        if start >= 0:
            return int.from_bytes(data[start + 18 : start + 20], "little")
    return 0
