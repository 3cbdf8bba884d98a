/* The object `native`: the functions of the C library by name, and the few things that TypeScript has made in C. */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine.h"

/* All arguments are integers or addresses, so in the calling conventions of x86-64 and arm64 one type serves all. */
typedef long function(long, long, long, long, long, long);

/* In one system call; the library's own open makes a second one where O_CLOEXEC is asked for. */
static int open_file(const char *path, int flags, mode_t mode) { return openat(AT_FDCWD, path, flags, mode); }

#define INT(name) {#name, (function *)(void *)name, 1}
#define LONG(name) {#name, (function *)(void *)name, 0}
static const struct {
    const char *name;
    function *call;
    int is_int; /* the upper half of the register says nothing then */
} FUNCTIONS[] = {
    {"open", (function *)(void *)open_file, 1},
    INT(close), LONG(read), LONG(write), INT(fsync), INT(flock), INT(poll), INT(isatty),
    INT(linkat), LONG(readlink), INT(symlink), INT(unlink), INT(rename), INT(mkdir), INT(access),
    INT(socket), INT(bind), INT(getsockname), INT(setsockopt), LONG(send), LONG(recv),
    INT(setns), INT(unshare), INT(getpid), INT(_exit), LONG(syscall),
};

static int last_errno;

/* Undefined is what an argument that was left out is. */
static int to_long(JSContext *context, JSValueConst value, long *result) {
    size_t length;
    switch (JS_VALUE_GET_TAG(value)) {
    case JS_TAG_INT: *result = JS_VALUE_GET_INT(value); return 0;
    case JS_TAG_NULL:
    case JS_TAG_UNDEFINED: *result = 0; return 0;
    case JS_TAG_OBJECT: *result = (long)bytes_of(context, value, &length); return *result == 0 ? -1 : 0;
    default: {
        int64_t number;
        int failed = JS_ToInt64Ext(context, &number, value);
        *result = number;
        return failed;
    }
    }
}

static JSValue call(JSContext *context, JSValueConst self, int argc, JSValueConst *argv, int index) {
    long args[6] = {0};
    for (int i = 0; i < argc && i < 6; i++)
        if (to_long(context, argv[i], &args[i]) != 0) return JS_EXCEPTION;
    long result = FUNCTIONS[index].call(args[0], args[1], args[2], args[3], args[4], args[5]);
    last_errno = errno;
    return FUNCTIONS[index].is_int ? JS_NewInt32(context, (int)result) : JS_NewInt64(context, result);
}

static JSValue get_errno(JSContext *context, JSValueConst self, int argc, JSValueConst *argv) {
    return JS_NewInt32(context, last_errno);
}

static JSValue now(JSContext *context, JSValueConst self, int argc, JSValueConst *argv) {
    return JS_NewFloat64(context, clock_now());
}

static JSValue hash(JSContext *context, JSValueConst self, int argc, JSValueConst *argv) {
    size_t length;
    int64_t seed;
    const uint8_t *bytes = bytes_of(context, argv[0], &length);
    if (bytes == NULL || JS_ToBigInt64(context, &seed, argv[1]) != 0) return JS_EXCEPTION;
    return JS_NewBigUint64(context, xxhash64(bytes, length, seed));
}

static const struct {
    const char *name;
    JSCFunction *call;
    int arguments;
} OURS[] = {
    {"errno", get_errno, 0},        {"now", now, 0},
    {"encodeText", text_encode, 1}, {"decodeText", text_decode, 1},
    {"xxHash64", hash, 2},          {"spawn", native_spawn, 4},
    {"openProcfs", native_open_procfs, 0},
};

#ifdef __aarch64__
static const char ARCH[] = "arm64";
#else
static const char ARCH[] = "x64";
#endif

void native_define(JSContext *context) {
    JSValue global = JS_GetGlobalObject(context), native = JS_NewObject(context), libc = JS_NewObject(context);
    for (int i = 0; i < (int)(sizeof FUNCTIONS / sizeof *FUNCTIONS); i++) {
        JSValue function = JS_NewCFunctionMagic(context, call, FUNCTIONS[i].name, 6, JS_CFUNC_generic_magic, i);
        JS_SetPropertyStr(context, libc, FUNCTIONS[i].name, function);
    }
    for (int i = 0; i < (int)(sizeof OURS / sizeof *OURS); i++) {
        JSValue function = JS_NewCFunction(context, OURS[i].call, OURS[i].name, OURS[i].arguments);
        JS_SetPropertyStr(context, native, OURS[i].name, function);
    }
    JS_SetPropertyStr(context, native, "libc", libc);
    JS_SetPropertyStr(context, native, "arch", JS_NewString(context, ARCH));
    JS_SetPropertyStr(context, global, "native", native);
    JS_FreeValue(context, global);
}
