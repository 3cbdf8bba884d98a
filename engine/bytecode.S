/* What compile.c made of the modules of a plugin call. */
    .section .rodata
    .balign 16
    .global bytecode, bytecode_end
bytecode:
    .incbin "bytecode.bin"
bytecode_end:
    .section .note.GNU-stack, "", @progbits
