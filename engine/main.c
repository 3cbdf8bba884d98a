/*
 * podwire's first instructions: a plugin call where CNI_COMMAND is set, run here by QuickJS; otherwise the command
 * line, a program of its own behind this one in the same file.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "engine.h"

#define STACK ((size_t)1 << 20) /* bytes */
#define STACK_ADDRESS ((char *)0x30000000) /* when a heap is saved */
#ifdef __aarch64__
#define STACK_SKEW 0 /* of the stack's end when a function begins */
#else
#define STACK_SKEW sizeof(void *) /* a call instruction puts the way back there */
#endif
#define NEVER SIZE_MAX

#define SAVE_HEAP "--save-heap" /* FILE: only while there is nothing behind this program */

extern const uint8_t bytecode[], bytecode_end[];

/* What no module of ours caught. */
static _Noreturn void fail(JSContext *context) {
    const char *text = context == NULL ? NULL : JS_ToCString(context, JS_GetException(context));
    fatal(text == NULL ? "out of memory" : text);
}

/* Everything that is the same for every call: the language's own objects and our modules. */
static JSContext *load(void) {
    heap_create();
    JSRuntime *runtime = JS_NewRuntime2(&heap_functions, NULL);
    JSContext *context = runtime == NULL ? NULL : JS_NewContext(runtime);
    if (context == NULL) fail(NULL);
    JS_SetMaxStackSize(runtime, STACK);
    JS_SetGCThreshold(runtime, NEVER); /* it would count references to objects that counts.h leaves out */
    native_define(context);
    JSValue script = JS_ReadObject(context, bytecode, bytecode_end - bytecode, JS_READ_OBJ_BYTECODE);
    if (JS_IsException(script) || JS_IsException(JS_EvalFunction(context, script))) fail(context);
    return context;
}

static JSValue to_object(JSContext *context, char **envp) {
    JSValue variables = JS_NewObject(context);
    for (; *envp != NULL; envp++) {
        const char *value = strchr(*envp, '=');
        if (value == NULL) continue;
        JSAtom name = JS_NewAtomLen(context, *envp, value - *envp);
        JS_DefinePropertyValue(context, variables, name, JS_NewString(context, value + 1), JS_PROP_C_W_E);
        JS_FreeAtom(context, name);
    }
    return variables;
}

/* Of which the engine keeps its hands off: environment, frames of C functions below the last one in JavaScript. */
#define STACK_RESERVE ((rlim_t)192 << 10)

/* What the process really has may be less (ulimit -s): the end of it is a SIGSEGV, that of the engine's an exception. */
static void limit_stack(JSRuntime *runtime) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= STACK + STACK_RESERVE) return;
    JS_SetMaxStackSize(runtime, limit.rlim_cur > 2 * STACK_RESERVE ? limit.rlim_cur - STACK_RESERVE : limit.rlim_cur / 2);
}

/* The handler ends the process itself. */
static _Noreturn void run_call(int fd, const struct layout *layout, char **envp) {
    clock_start();
    signal(SIGPIPE, SIG_IGN); /* a result that nobody reads is an error like others: EPIPE */
    signal(SIGXFSZ, SIG_IGN); /* and so is a file larger than the process may write: EFBIG */
    if (layout->heap_size == 0) *heap_root() = load();
    else heap_map(fd, layout->heap_offset, layout->heap_size);
    if (fd >= 0) close(fd);
    JSContext *context = *heap_root();
    limit_stack(JS_GetRuntime(context));
    JS_UpdateStackTop(JS_GetRuntime(context));
    JSValue global = JS_GetGlobalObject(context), native = JS_GetPropertyStr(context, global, "native");
    JSValue handler = JS_GetPropertyStr(context, native, "onCall"), variables = to_object(context, envp);
    JS_Call(context, handler, JS_UNDEFINED, 1, (JSValueConst *)&variables);
    fail(context);
}

/* Room for what a call adds: QuickJS enlarges the table of shapes late, and then writes to every shape that there is. */
#define SPARE_SHAPES 64

static void reserve_shapes(JSContext *context) {
    JSValue objects[SPARE_SHAPES];
    for (size_t i = 0; i < SPARE_SHAPES; i++) {
        JSValue prototype = JS_NewObject(context); /* a new one: only then is the size of the table looked at */
        objects[i] = JS_NewObjectProto(context, prototype);
        JS_FreeValue(context, prototype);
    }
    for (size_t i = 0; i < SPARE_SHAPES; i++) JS_FreeValue(context, objects[i]);
}

/* For the build: what `load` makes, so that no call has to. */
static const char *saved_as;

static _Noreturn void save_heap(void) {
    *heap_root() = load();
    reserve_shapes(*heap_root());
    heap_forget_free();
    int fd = open(saved_as, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    size_t size = heap_size();
    if (fd < 0 || write(fd, HEAP_ADDRESS, size) != (ssize_t)size || close(fd) != 0) die(saved_as);
    _exit(0);
}

/* The heap remembers where the stack was: always in the same place, so that it is the same on every machine. */
static _Noreturn void save_heap_on_fixed_stack(const char *path) {
    saved_as = path;
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
    char *stack = mmap(STACK_ADDRESS, 4 * STACK, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (stack != STACK_ADDRESS) die("mmap");
    stack_jump((uintptr_t)save_heap, stack + 4 * STACK - STACK_SKEW);
}

int main(int argc, char **argv, char **envp) {
    struct layout layout;
    int fd = file_open(&layout);
    if (layout.program_offset == 0 && argc == 3 && strcmp(argv[1], SAVE_HEAP) == 0) save_heap_on_fixed_stack(argv[2]);
    if (is_call()) run_call(fd, &layout, envp);
    if (fd < 0) die("open /proc/self/exe");
    if (layout.program_offset == 0) {
        errno = ENOEXEC;
        die("the command line is missing in this executable; was it stripped?");
    }
    load_elf(fd, layout.program_offset, argv, envp);
}
