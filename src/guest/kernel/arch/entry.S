// Every way into the guest kernel and out of it. x86-64 only.
//
// The kernel runs at CPL 3. On VMX/SVM `syscall` arrives at CPL 0 and goes down at once; under software virtualisation
// it arrives at CPL 3. Exceptions always arrive at CPL 0. Code at CPL 0 is this file's alone, and is never writable.
// Selectors as the guest sees them differ between the two, so they are read at boot.

// Offsets into TrapFrame; arch/entry.cpp asserts them.
#define FRAME_RIP 152
#define FRAME_RFLAGS 168
#define FRAME_RSP 176
#define FLAG_TRAP 0x100
#define ENTRY_SYSCALL 0x100
#define ENTRY_KICK 0x101
#define PORT_WAIT 0x11
// Offsets into abi::SharedArea; arch/entry.cpp asserts them.
#define SHARED_KICK_RIP 72
#define SHARED_KICK_RFLAGS 80
#define SHARED_KICK_RSP 88
// x87, SSE, AVX, AVX-512 and PKRU: what XCR0 may enable here.
#define XSAVE_MASK 0x2e7

.section .image_header,"a"
.globl image_header
image_header:
  .quad 0x316c6e726b79616d
  .long 7
  .long trap_stub_1 - trap_stubs
  .quad kernel_boot
  .quad boot_stack_top
  .quad syscall_entry
  .quad kick_entry
  .quad wait_resume
  .quad trap_stubs
  .quad shared_area
  .quad image_begin
  .quad read_only_end
  .quad image_end

.section .text.entry,"ax"

.globl kernel_boot
kernel_boot:
  mov %cs, %eax
  mov %rax, user_cs(%rip)
  mov %ss, %eax
  mov %rax, user_ss(%rip)
  xor %ebp, %ebp
  call kernel_main                // -> the first thread's frame
  mov %rax, %rsp
  jmp return_to_user

// ---- system calls. rcx = return address, r11 = flags; IF, DF and TF are masked by FMASK.
.balign 64
.globl syscall_entry
syscall_entry:
  mov %rcx, entry_rip(%rip)
  mov %rsp, entry_rsp(%rip)
  mov %r11, entry_rflags(%rip)
  mov %cs, %r11d
  test $3, %r11b
  jz leave_ring_0
at_ring_3:
  mov kernel_stack_top(%rip), %rsp
  pushq user_ss(%rip)
  pushq entry_rsp(%rip)
  pushq entry_rflags(%rip)
  pushq user_cs(%rip)
  pushq entry_rip(%rip)
  push $0                         // address
  push $0                         // error code
  push $ENTRY_SYSCALL
  push %rax                       // original rax
  mov entry_rflags(%rip), %r11
  call push_registers
  call handle_syscall
  jmp return_to_user

// ---- from the trampoline of a patched site: CPL 3, rcx = return address, r11 is the program's to lose.
.balign 64
.globl syscall_patched
syscall_patched:
  mov %rsp, entry_rsp(%rip)
  mov kernel_stack_top(%rip), %rsp
  pushq user_ss(%rip)
  pushq entry_rsp(%rip)
  pushfq
  pushq user_cs(%rip)
  push %rcx
  push $0                         // address
  push $0                         // error code
  push $ENTRY_SYSCALL
  push %rax                       // original rax
  call push_registers
  call handle_patched_syscall
  jmp return_to_user

leave_ring_0:
  lea at_ring_3(%rip), %rcx
  mov $0x202, %r11d
  sysretq

// Pushes the general registers above the words that the caller has pushed; leaves rdi = rsp = the TrapFrame.
push_registers:
  xchg %rdi, (%rsp)               // rdi's slot <- rdi; rdi <- return address
  push %rsi
  push %rdx
  push %rcx
  push %rax
  push %r8
  push %r9
  push %r10
  push %r11
  push %rbx
  push %rbp
  push %r12
  push %r13
  push %r14
  push %r15
  cld
  mov %rdi, %rax
  mov %rsp, %rdi
  jmp *%rax

.macro POP_REGISTERS
  pop %r15
  pop %r14
  pop %r13
  pop %r12
  pop %rbp
  pop %rbx
  pop %r11
  pop %r10
  pop %r9
  pop %r8
  pop %rax
  pop %rcx
  pop %rdx
  pop %rsi
  pop %rdi
.endm

// ---- to user mode: rsp = the TrapFrame, on the running thread's kernel stack.
.globl return_to_user
return_to_user:
  mov %rsp, %rdi
  call prepare_return
// CPL 3 to CPL 3. An iretq takes 43 ns where a jump takes 5, so it is left to programs that are single-stepped: their
// trap flag must not be set before the last instruction.
restore_frame:
  testl $FLAG_TRAP, FRAME_RFLAGS(%rsp)
  jnz restore_by_iret
  mov FRAME_RIP(%rsp), %rax
  mov %rax, return_rip(%rip)
  mov FRAME_RSP(%rsp), %rax
  mov %rax, return_rsp(%rip)
  POP_REGISTERS
  add $48, %rsp                   // original rax, kind, error code, address, rip, cs
  popfq
  mov return_rsp(%rip), %rsp
  jmp *return_rip(%rip)

restore_by_iret:
  POP_REGISTERS
  add $32, %rsp                   // original rax, kind, error code, address
  iretq

// ---- a kick that hit user code: the host put its rip, rflags and rsp into the shared area and sent it here.
.globl kick_entry
kick_entry:
  mov kernel_stack_top(%rip), %rsp
  pushq user_ss(%rip)
  pushq shared_area+SHARED_KICK_RSP(%rip)
  pushq shared_area+SHARED_KICK_RFLAGS(%rip)
  pushq user_cs(%rip)
  pushq shared_area+SHARED_KICK_RIP(%rip)
  push $0
  push $0
  push $ENTRY_KICK
  push $-1
  call push_registers
  call handle_kick
  jmp return_to_user

// ---- exceptions: at CPL 0 only long enough to note what happened.
.balign 16
.globl trap_stubs
trap_stubs:
.set vector, 0
.rept 32
  .balign 16
  .if vector == 1
    .globl trap_stub_1
    trap_stub_1:
  .endif
  .if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || vector == 29 || vector == 30)
  push $0
  .endif
  push $vector
  jmp trap_at_ring_0
  .set vector, vector + 1
.endr

trap_at_ring_0:
  popq trap_vector(%rip)
  popq trap_error(%rip)
  popq trap_rip(%rip)
  popq trap_cs(%rip)
  popq trap_rflags(%rip)          // rsp and ss stay for the iretq
  mov %rax, trap_rax(%rip)
  mov %cr2, %rax
  mov %rax, trap_address(%rip)
  pushq $0x202
  pushq trap_cs(%rip)
  lea trap_at_ring_3(%rip), %rax
  push %rax
  iretq

trap_at_ring_3:
  mov %rsp, trap_rsp(%rip)
  lea image_begin(%rip), %rax
  cmp %rax, trap_rip(%rip)
  jae 1f
  mov kernel_stack_top(%rip), %rsp
  jmp 2f
1:  // the kernel itself touched memory that was not there: stay on its stack
  and $-16, %rsp
2:
  pushq user_ss(%rip)
  pushq trap_rsp(%rip)
  pushq trap_rflags(%rip)
  pushq user_cs(%rip)
  pushq trap_rip(%rip)
  pushq trap_address(%rip)
  pushq trap_error(%rip)
  pushq trap_vector(%rip)
  push $-1
  mov trap_rax(%rip), %rax
  call push_registers
  call handle_trap
  lea image_begin(%rip), %rax
  cmp %rax, FRAME_RIP(%rsp)
  jae restore_frame
  jmp return_to_user

// ---- threads
// switch_stacks(u64* save_rsp, u64 next_rsp)
.globl switch_stacks
switch_stacks:
  push %rbx
  push %rbp
  push %r12
  push %r13
  push %r14
  push %r15
  mov %rsp, (%rdi)
  mov %rsi, %rsp
  pop %r15
  pop %r14
  pop %r13
  pop %r12
  pop %rbp
  pop %rbx
  ret

// Where a new thread's first switch arrives: rsp = its TrapFrame.
.globl thread_start
thread_start:
  call thread_started
  jmp return_to_user

// ---- the machine stands still here; it may go on in another life, from wait_resume with nothing but rip and rflags.
.globl wait_exit
wait_exit:
  push %rbx
  push %rbp
  push %r12
  push %r13
  push %r14
  push %r15
  rdfsbase %rax
  push %rax
  rdgsbase %rax
  push %rax
  mov %rsp, wait_rsp(%rip)
  mov $XSAVE_MASK, %eax
  xor %edx, %edx
  xsave64 wait_extended_state(%rip)
  out %al, $PORT_WAIT
.globl wait_resume
wait_resume:
  mov wait_rsp(%rip), %rsp
  mov $XSAVE_MASK, %eax
  xor %edx, %edx
  xrstor64 wait_extended_state(%rip)
  pop %rax
  wrgsbase %rax
  pop %rax
  wrfsbase %rax
  pop %r15
  pop %r14
  pop %r13
  pop %r12
  pop %rbp
  pop %rbx
  ret

// ---- the program's memory: a fault inside goes on at the `_done` label with what is left in rcx.
// u64 user_copy(void* destination, const void* source, u64 size) -> bytes not copied
.globl user_copy, user_copy_fault, user_copy_done
user_copy:
  mov %rdx, %rcx
user_copy_fault:
  rep movsb
user_copy_done:
  mov %rcx, %rax
  ret
// u64 user_zero(void* destination, u64 size) -> bytes not zeroed
.globl user_zero, user_zero_fault, user_zero_done
user_zero:
  mov %rsi, %rcx
  xor %eax, %eax
user_zero_fault:
  rep stosb
user_zero_done:
  mov %rcx, %rax
  ret

.section .bss
.balign 64
wait_extended_state: .skip 4096
.globl kernel_stack_top, user_cs, user_ss
kernel_stack_top: .skip 8
user_cs: .skip 8
user_ss: .skip 8
wait_rsp: .skip 8
entry_rip: .skip 8
entry_rsp: .skip 8
entry_rflags: .skip 8
return_rip: .skip 8
return_rsp: .skip 8
trap_vector: .skip 8
trap_error: .skip 8
trap_rip: .skip 8
trap_cs: .skip 8
trap_rflags: .skip 8
trap_rsp: .skip 8
trap_rax: .skip 8
trap_address: .skip 8
.balign 4096
  .skip 65536
boot_stack_top:
.section .note.GNU-stack,"",@progbits
