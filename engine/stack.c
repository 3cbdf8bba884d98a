/* Another stack than the one that the process runs on. */

#include "engine.h"

/* What a program finds in registers at its first instruction (its ABI's "process initialization") is 0. */
_Noreturn void stack_jump(uintptr_t entry, void *stack) {
#ifdef __aarch64__
    register uintptr_t to __asm__("x16") = entry;
    __asm__ volatile("mov sp, %1; mov x0, #0; mov x29, #0; mov x30, #0; br %0"
                     :
                     : "r"(to), "r"(stack)
                     : "memory", "x0", "x30");
#else
    __asm__ volatile("mov %1, %%rsp; xor %%edx, %%edx; xor %%ebp, %%ebp; jmp *%0"
                     :
                     : "a"(entry), "c"(stack)
                     : "memory", "rdx");
#endif
    __builtin_unreachable();
}
