// The vDSO as bytes in the guest kernel's image.
        .section .rodata
        .balign 4096
        .globl  vdso_begin, vdso_end
vdso_begin:
        .incbin MAYFLY_VDSO_FILE
vdso_end:
        .section .note.GNU-stack, "", @progbits
