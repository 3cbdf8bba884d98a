/*
 * QuickJS's counting of references, without objects and functions of a saved heap: they stay until the process ends,
 * and each count would be a page of the heap to copy. Strings are counted: one with a single reference is changed in
 * place. Compiled before every file (-include), so that the functions of quickjs.h are these.
 */

#pragma once

#ifndef __ASSEMBLER__

#include <stdint.h>

#define JS_FreeValue JS_FreeCountedValue
#define JS_FreeValueRT JS_FreeCountedValueRT
#define JS_DupValue JS_DupCountedValue
#define JS_DupValueRT JS_DupCountedValueRT
#include "quickjs.h"
#undef JS_FreeValue
#undef JS_FreeValueRT
#undef JS_DupValue
#undef JS_DupValueRT

/* Of the saved heap; 0 while there is none, and everything is counted. */
extern uintptr_t saved_heap_end;

static inline int counts_is_kept(JSValueConst value) {
    return (uintptr_t)JS_VALUE_GET_PTR(value) < saved_heap_end &&
           (unsigned)JS_VALUE_GET_TAG(value) >= (unsigned)JS_TAG_MODULE; /* module, function, object: -3 to -1 */
}

static inline void JS_FreeValue(JSContext *context, JSValue value) {
    if (!counts_is_kept(value)) JS_FreeCountedValue(context, value);
}

static inline void JS_FreeValueRT(JSRuntime *runtime, JSValue value) {
    if (!counts_is_kept(value)) JS_FreeCountedValueRT(runtime, value);
}

static inline JSValue JS_DupValue(JSContext *context, JSValueConst value) {
    return counts_is_kept(value) ? value : JS_DupCountedValue(context, value);
}

static inline JSValue JS_DupValueRT(JSRuntime *runtime, JSValueConst value) {
    return counts_is_kept(value) ? value : JS_DupCountedValueRT(runtime, value);
}

#endif
