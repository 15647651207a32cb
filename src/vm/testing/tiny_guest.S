// A guest kernel of a few instructions for tests of the vm layer: obeys one command of the host per wait exit.
#define PORT_CALL 0x10
#define PORT_WAIT 0x11

.section .rodata
.globl tiny_guest_begin, tiny_guest_end
.balign 4096
tiny_guest_begin:
  .quad 0x316c6e726b79616d
  .long 1
  .long trap_stub_1 - trap_stubs
#define AT(label) 0x7fff00000000 + (label - tiny_guest_begin)
  .quad AT(boot)
  .quad AT(stack_top)
  .quad AT(syscall_entry)
  .quad AT(kick_entry)
  .quad AT(resume)
  .quad AT(trap_stubs)
  .quad AT(mailbox)
  .quad AT(tiny_guest_begin)
  .quad AT(read_only_end)
  .quad AT(tiny_guest_end)

boot:
wait:
  out %al, $PORT_WAIT
resume:
  lea stack_top(%rip), %rsp
  mov mailbox_operation(%rip), %rax
  mov mailbox_address(%rip), %rcx
  mov mailbox_value(%rip), %rdx
  cmp $0, %rax
  je read
  cmp $1, %rax
  je write
  cmp $2, %rax
  je execute
  cmp $3, %rax
  je make_syscall
  cmp $4, %rax
  je spin
  cmp $5, %rax
  je write_msr
  cmp $6, %rax
  je denied_port
  cmp $7, %rax
  je write_many
  cmp $8, %rax
  je scribble
  cmp $9, %rax
  je use_ring_0
  cmp $10, %rax
  je fault_on_stack
  cmp $11, %rax
  je storm
  cmp $12, %rax
  je make_syscalls
  jmp wait
read:
  mov (%rcx), %rdx
  mov %rdx, mailbox_result(%rip)
  jmp wait
write:
  mov %rdx, (%rcx)
  jmp wait
execute:
  call *%rcx
  jmp wait
make_syscall:                     // the value receives CS as it was at the entry
  syscall
  mov %rax, mailbox_result(%rip)
  mov %rdx, mailbox_value(%rip)
  jmp wait
spin:
  incq mailbox_result(%rip)
  jmp spin
write_msr:                        // at CPL 3: #GP
  xor %eax, %eax
  xor %edx, %edx
  mov $0xc0000082, %ecx
  wrmsr
  jmp wait
denied_port:
  out %al, $0x60
  jmp wait
write_many:                       // writes to `value` pages from `address`, 4 KiB apart
  mov %rdx, (%rcx)
  add $4096, %rcx
  dec %rdx
  jnz write_many
  jmp wait
scribble:                         // leaves marks in what a reset must put back
  mov $0x1234, %eax
  wrfsbase %rax
  wrgsbase %rax
  mov $-1, %r8
  mov $-1, %r9
  pcmpeqd %xmm7, %xmm7
  std
  jmp wait

use_ring_0:                       // only where `syscall` arrives there
  mov $0x1234, %esi
  wrgsbase %rsi
  syscall
  jmp wait
make_syscalls:                    // `value` of them
  mov %rdx, %rbx
4:
  syscall
  dec %rbx
  jnz 4b
  jmp wait
fault_on_stack:
  mov %rcx, %rsp
  ud2

storm:                            // one exception after the other
  incq mailbox_result(%rip)
  ud2

kick_entry:
  mov $0x6b69636b, %eax
  mov %rax, mailbox_result(%rip)
  jmp wait

syscall_entry:
  mov %rcx, %r10
  mov %cs, %r11d
  test $3, %r11b
  jnz 2f
  cmp $9, %rax
  jne 1f
  cmp $0, %rdx
  je ring_0_write_msr
  cmp $1, %rdx
  je ring_0_scribble
  hlt
2:
  mov %r11, %rdx
  mov $0x7379, %eax
  jmp *%r10
1:                                // comes to 3 with CS of ring 0 still in rdx
  mov %r11, %rdx
  lea 3f(%rip), %rcx
  mov $0x202, %r11d
  sysretq
3:
  mov $0x7379, %eax
  jmp *%r10

// ---- what a hostile kernel would do
ring_0_write_msr:
  mov $0xc0000082, %ecx
  xor %eax, %eax
  xor %edx, %edx
  wrmsr
  jmp 1b
ring_0_scribble:                  // no xsetbv: under QEMU it passes KVM by
  swapgs                          // KERNEL_GS_BASE becomes the program's 0x1234
  mov $0x5000, %eax
  mov %rax, %dr0
  mov %rax, %dr1
  mov %rax, %dr2
  mov %rax, %dr3
  mov $0x402, %eax
  mov %rax, %dr7
  mov %rax, %cr2
  mov %cr0, %rax
  and $~0x10000, %rax             // WP off: read-only pages can be written now
  mov %rax, %cr0
  incq tiny_guest_begin(%rip)
  mov $0x7fff10000000, %rax       // abi::kSystemBase: GDT, IDT, TSS
  incq 0x28(%rax)
  incq 0x1000(%rax)
  incq 0x2070(%rax)
  lidt no_table(%rip)
  jmp 1b

.balign 16
trap_stubs:
.set vector, 0
.rept 32
  .balign 16
  .if vector == 1
    trap_stub_1:
  .endif
  .if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || vector == 29 || vector == 30)
  push $0
  .endif
  push $vector
  jmp trap
  .set vector, vector + 1
.endr
trap:
  popq mailbox_vector(%rip)
  popq mailbox_error(%rip)
  mov %cr2, %rax
  mov %rax, mailbox_fault(%rip)
  lea wait(%rip), %rax
  cmpq $11, mailbox_operation(%rip)
  jne 1f
  lea storm(%rip), %rax
1:
  mov %rax, (%rsp)
  iretq

no_table: .skip 10

.balign 4096
read_only_end:
mailbox:
mailbox_operation: .quad 0
mailbox_address: .quad 0
mailbox_value: .quad 0
mailbox_result: .quad 0
mailbox_vector: .quad -1
mailbox_error: .quad 0
mailbox_fault: .quad 0
.balign 4096
.skip 4096
stack_top:
tiny_guest_end:
.section .note.GNU-stack,"",@progbits
