#!/usr/bin/env python3
"""Runs a program under a seccomp filter that answers as a machine does to whoever wants a child: ENOSYS.

    refuse_children.py PROGRAM [ARGUMENTS...]

It also keeps tests that run as root from setting this system's clock and name, which they do for the sake of it: EPERM.
"""
import ctypes
import errno
import os
import shutil
import struct
import sys

# asm/unistd_64.h
CLONE, FORK, VFORK, EXECVE, EXECVEAT, CLONE3 = 56, 57, 58, 59, 322, 435
SETTIMEOFDAY, ADJTIMEX, CLOCK_SETTIME, CLOCK_ADJTIME, SETHOSTNAME, SETDOMAINNAME = 164, 159, 227, 305, 170, 171
CLONE_THREAD = 0x00010000
AUDIT_ARCH_X86_64 = 0xC000003E
SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO = 0x7FFF0000, 0x00050000
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
PR_SET_NO_NEW_PRIVS = 38

# linux/bpf_common.h: load a word of seccomp_data, jump if equal, jump if any bit is set, return
LOAD, IF_EQUAL, IF_SET, RETURN = 0x20, 0x15, 0x45, 0x06
# struct seccomp_data
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16


def returns(error):
    return (RETURN, 0, 0, SECCOMP_RET_ERRNO | error)


ALLOW = (RETURN, 0, 0, SECCOMP_RET_ALLOW)


def filter_program(path_address):
    """Instructions (code, jump if true, jump if false, operand); jumps count from the next one.

    execve is allowed for the path at this address alone: that of this process, which the program it becomes knows nothing of.
    """
    code = [(LOAD, 0, 0, ARCHITECTURE), (IF_EQUAL, 1, 0, AUDIT_ARCH_X86_64), returns(errno.ENOSYS), (LOAD, 0, 0, NUMBER)]
    # clone3 takes its flags from memory, where no filter can look. The C library then falls back to clone.
    for number in FORK, VFORK, EXECVEAT, CLONE3:
        code += [(IF_EQUAL, 0, 1, number), returns(errno.ENOSYS)]
    for number in SETTIMEOFDAY, ADJTIMEX, CLOCK_SETTIME, CLOCK_ADJTIME, SETHOSTNAME, SETDOMAINNAME:
        code += [(IF_EQUAL, 0, 1, number), returns(errno.EPERM)]
    code += [
        (IF_EQUAL, 0, 6, EXECVE),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (IF_EQUAL, 0, 3, path_address & 0xFFFFFFFF),
        (LOAD, 0, 0, FIRST_ARGUMENT + 4),
        (IF_EQUAL, 0, 1, path_address >> 32),
        ALLOW,
        returns(errno.ENOSYS),
    ]
    code += [
        (IF_EQUAL, 0, 2, CLONE),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (IF_SET, 0, 1, CLONE_THREAD),
        ALLOW,
        returns(errno.ENOSYS),
    ]
    return code


def install(libc, path_address):
    """From here on, in this process and the program that it becomes."""
    code = filter_program(path_address)
    instructions = b"".join(struct.pack("HBBI", *instruction) for instruction in code)
    buffer = ctypes.create_string_buffer(instructions, len(instructions))
    header = struct.pack("HxxxxxxP", len(code), ctypes.addressof(buffer))
    for arguments in (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, header, 0, 0):
        if libc.prctl(*arguments) != 0:
            raise OSError(ctypes.get_errno(), "prctl")


def strings(values):
    """An array of C strings that ends with a null pointer."""
    return (ctypes.c_char_p * (len(values) + 1))(*values, None)


def main(arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    found = shutil.which(arguments[0])
    if found is None:
        sys.exit(f"refuse_children: there is no program {arguments[0]}")
    path = ctypes.create_string_buffer(os.fsencode(found))
    words = strings([os.fsencode(argument) for argument in arguments])
    variables = strings([name + b"=" + value for name, value in os.environb.items()])
    install(libc, ctypes.addressof(path))
    libc.execve(path, words, variables)
    raise OSError(ctypes.get_errno(), "execve", found)


if __name__ == "__main__":
    main(sys.argv[1:])
