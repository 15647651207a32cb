// The guest that the doctor measures with: at each entry it writes to as many pages as the host says, and waits again.
#define PORT_WAIT 0x11  // abi::kPortWait

.section .rodata
.globl mayfly_probe_begin, mayfly_probe_end
.balign 4096
// An abi::ImageHeader. The image lies at abi::kKernelBase.
#define AT(label) 0x7fff00000000 + (label - mayfly_probe_begin)
mayfly_probe_begin:
  .quad 0x316c6e726b79616d          // abi::kImageMagic
  .long 1
  .long 16                          // bytes per trap stub
  .quad AT(boot)
  .quad AT(stack_top)
  .quad AT(syscall_entry)
  .quad AT(trap)                    // never kicked
  .quad AT(resume)
  .quad AT(trap_stubs)
  .quad AT(shared)
  .quad AT(mayfly_probe_begin)
  .quad AT(shared)
  .quad AT(mayfly_probe_end)

boot:
  syscall
  mov %r8, native_ring0(%rip)
wait:
  out %al, $PORT_WAIT
resume:
  mov address(%rip), %rcx
  mov pages(%rip), %rdx
write_page:
  dec %rdx
  js wait
  mov %rdx, (%rcx)
  add $4096, %rcx
  jmp write_page

// VMX and SVM come in at CPL 0 and need sysret; KVM without them (PVM) stays at CPL 3, where sysret would fault.
syscall_entry:
  xor %r8d, %r8d
  mov %cs, %eax
  test $3, %al
  jnz to_caller
  mov $1, %r8d
  mov $0x202, %r11d
  sysretq
to_caller:
  jmp *%rcx

// No trap is expected: the host gives up on the first exit that is none of ours.
.balign 16
trap_stubs:
.rept 32
  .balign 16
  jmp trap
.endr
trap:
  ud2

.balign 4096
shared:                             // as cli::Probe::Shared
address: .quad 0
pages: .quad 0
native_ring0: .quad 0
.balign 4096
.skip 4096
stack_top:
mayfly_probe_end:
.section .note.GNU-stack,"",@progbits
