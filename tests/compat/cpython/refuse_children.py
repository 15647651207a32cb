"""A seccomp filter that answers as a machine does to whoever wants a child: ENOSYS.

It also keeps tests that run as root from setting this system's clock and name, which they do for the sake of it: EPERM.
"""
import ctypes
import errno
import struct

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


def program():
    """Instructions (code, jump if true, jump if false, operand); jumps count from the next one."""
    code = [(LOAD, 0, 0, ARCHITECTURE), (IF_EQUAL, 1, 0, AUDIT_ARCH_X86_64), returns(errno.ENOSYS), (LOAD, 0, 0, NUMBER)]
    # clone3 takes its flags from memory, where no filter can look. The C library then falls back to clone.
    for number in FORK, VFORK, EXECVE, EXECVEAT, CLONE3:
        code += [(IF_EQUAL, 0, 1, number), returns(errno.ENOSYS)]
    for number in SETTIMEOFDAY, ADJTIMEX, CLOCK_SETTIME, CLOCK_ADJTIME, SETHOSTNAME, SETDOMAINNAME:
        code += [(IF_EQUAL, 0, 1, number), returns(errno.EPERM)]
    code += [
        (IF_EQUAL, 0, 2, CLONE),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (IF_SET, 0, 1, CLONE_THREAD),
        (RETURN, 0, 0, SECCOMP_RET_ALLOW),
        returns(errno.ENOSYS),
    ]
    return code


def install():
    """From here on, in this process. Threads that exist already are not bound, so call it before there are any."""
    instructions = b"".join(struct.pack("HBBI", *instruction) for instruction in program())
    buffer = ctypes.create_string_buffer(instructions, len(instructions))
    header = struct.pack("HxxxxxxP", len(program()), ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    for arguments in (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, header, 0, 0):
        if libc.prctl(*arguments) != 0:
            raise OSError(ctypes.get_errno(), "prctl")
