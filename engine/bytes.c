/* Uint8Array as C sees it. */

#include "engine.h"

uint8_t *bytes_of(JSContext *context, JSValueConst array, size_t *length) {
    size_t offset, size, whole;
    JSValue buffer = JS_GetTypedArrayBuffer(context, array, &offset, length, &size);
    if (JS_IsException(buffer)) return NULL;
    uint8_t *bytes = JS_GetArrayBuffer(context, &whole, buffer);
    JS_FreeValue(context, buffer);
    return bytes == NULL ? NULL : bytes + offset;
}

JSValue bytes_copy(JSContext *context, const uint8_t *bytes, size_t length) {
    JSValue global = JS_GetGlobalObject(context);
    JSValue constructor = JS_GetPropertyStr(context, global, "Uint8Array");
    JSValue buffer = JS_NewArrayBufferCopy(context, bytes, length);
    JSValue array = JS_CallConstructor(context, constructor, 1, (JSValueConst *)&buffer);
    JS_FreeValue(context, buffer);
    JS_FreeValue(context, constructor);
    JS_FreeValue(context, global);
    return array;
}
