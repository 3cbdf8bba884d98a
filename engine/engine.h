/* The engine that runs plugin calls: QuickJS, a heap at a fixed address, and what TypeScript asks the system for. */
#ifndef PODWIRE_ENGINE_H
#define PODWIRE_ENGINE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "quickjs.h"

/* heap.c */

/* Where the heap is in every process; this program's own addresses end far below. */
#define HEAP_ADDRESS ((char *)0x40000000)

extern const JSMallocFunctions heap_functions;
/* Bytes of the heap that were ever in use. */
size_t heap_size(void);
/* Blocks that were freed are not given out again: before the heap is saved, so that a call takes new ones side by side. */
void heap_forget_free(void);
/* The one pointer into the heap that is known from outside; saved with it. */
void **heap_root(void);
/* An empty heap. */
void heap_create(void);
/* A saved heap: `size` bytes of the file from `offset` on; only pages that are touched are read. */
void heap_map(int fd, off_t offset, size_t size);

/* native.c */

/* Makes `native` of engine/native.d.ts a property of the global object. */
void native_define(JSContext *context);

/* clock.c */

/* Milliseconds since `clock_start`. */
double clock_now(void);
void clock_start(void);
/* gettimeofday(2) for QuickJS, which takes chance from it too; 0 before `clock_start`, and so in a saved heap. */
int clock_gettimeofday(void *now, void *zone);

/* spawn.c: `native.spawn` */
JSValue native_spawn(JSContext *context, JSValueConst self, int argc, JSValueConst *argv);

/* procfs.c: `native.openProcfs` */
JSValue native_open_procfs(JSContext *context, JSValueConst self, int argc, JSValueConst *argv);

/* text.c: `native.encodeText`, `native.decodeText` */
JSValue text_encode(JSContext *context, JSValueConst self, int argc, JSValueConst *argv);
JSValue text_decode(JSContext *context, JSValueConst self, int argc, JSValueConst *argv);

/* xxhash64.c */
uint64_t xxhash64(const uint8_t *data, size_t length, uint64_t seed);

/* bytes.c */

/* The bytes of a Uint8Array, which live as long as it; NULL after an exception was thrown. */
uint8_t *bytes_of(JSContext *context, JSValueConst array, size_t *length);
/* A new Uint8Array with a copy of `length` bytes. */
JSValue bytes_copy(JSContext *context, const uint8_t *bytes, size_t length);

/* file.c: the executable's own file: this program, a saved heap, and the command line's program behind each other. */

struct layout {
    uint64_t heap_offset, heap_size; /* size 0: there is none */
    uint64_t program_offset;
    char magic[8];
};
#define LAYOUT_MAGIC "podwire1"

/* Opens this file and reads what is where: nothing where it is this program alone, or cannot be opened (-1, errno). */
int file_open(struct layout *layout);

/* load-elf.c: becomes the program that begins at `offset` of the open file, as execve(2) would. */
_Noreturn void load_elf(int fd, off_t offset, char **argv, char **envp);

/* stack.c: goes on at `entry`, as a program or function that never returns, on this stack. */
_Noreturn void stack_jump(uintptr_t entry, void *stack);

/* failure.c */

/* True where a container runtime asks, by CNI_COMMAND. */
int is_call(void);
/* Ends the process with 1 after a line on standard error and, for a runtime, an error document on standard output. */
_Noreturn void fatal(const char *text);
/* The same; `action` failed for the reason in errno. */
_Noreturn void die(const char *action);

#endif
