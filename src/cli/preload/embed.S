// The scripts of this folder as bytes of this program.
.section .rodata
.globl mayfly_preload_deno_begin, mayfly_preload_deno_end, mayfly_preload_node_begin, mayfly_preload_node_end
mayfly_preload_deno_begin:
.incbin "deno.js"
mayfly_preload_deno_end:
mayfly_preload_node_begin:
.incbin "node.mjs"
mayfly_preload_node_end:
.section .note.GNU-stack,"",@progbits
