// The guest kernel as bytes of this program.
.section .rodata
.globl mayfly_guest_image_begin, mayfly_guest_image_end, mayfly_guest_elf_begin, mayfly_guest_elf_end
.balign 4096
mayfly_guest_image_begin:
.incbin "guest_kernel.bin"
mayfly_guest_image_end:
.balign 16
mayfly_guest_elf_begin:
.incbin "guest_kernel.elf"
mayfly_guest_elf_end:
.section .note.GNU-stack,"",@progbits
