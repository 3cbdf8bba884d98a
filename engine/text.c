/* Strings to UTF-8 and back, as TextEncoder and TextDecoder want it (encoding.spec.whatwg.org). */

#include <string.h>

#include "engine.h"

static const uint8_t REPLACEMENT[3] = {0xEF, 0xBF, 0xBD};

/* Half a surrogate pair comes from QuickJS as three bytes that are no UTF-8; it becomes U+FFFD, three bytes too. */
JSValue text_encode(JSContext *context, JSValueConst self, int argc, JSValueConst *argv) {
    size_t length;
    const char *text = JS_ToCStringLen(context, &length, argv[0]);
    if (text == NULL) return JS_EXCEPTION;
    JSValue array = bytes_copy(context, (const uint8_t *)text, length);
    JS_FreeCString(context, text);
    uint8_t *bytes = bytes_of(context, array, &length);
    for (size_t i = 0; bytes != NULL && i + 2 < length; i++)
        if (bytes[i] == 0xED && bytes[i + 1] >= 0xA0) memcpy(bytes + i, REPLACEMENT, 3);
    return array;
}

/*
 * The length of the character at `at`, or where it is none, less than 0: how many bytes are one fault, as "maximal
 * subpart" in the Unicode Standard, table 3-7.
 */
static int character(const uint8_t *at, const uint8_t *end) {
    uint8_t first = at[0], low = 0x80, high = 0xBF;
    if (first < 0x80) return 1;
    if (first < 0xC2 || first > 0xF4) return -1;
    int length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (first == 0xE0) low = 0xA0;
    if (first == 0xED) high = 0x9F;
    if (first == 0xF0) low = 0x90;
    if (first == 0xF4) high = 0x8F;
    for (int i = 1; i < length; i++, low = 0x80, high = 0xBF)
        if (at + i == end || at[i] < low || at[i] > high) return -i;
    return length;
}

static JSValue decode_faulty(JSContext *context, const uint8_t *at, const uint8_t *end) {
    uint8_t *text = js_malloc(context, 3 * (end - at)), *to = text;
    if (text == NULL) return JS_EXCEPTION;
    while (at < end) {
        int length = character(at, end);
        memcpy(to, length < 0 ? REPLACEMENT : at, length < 0 ? 3 : length);
        to += length < 0 ? 3 : length;
        at += length < 0 ? -length : length;
    }
    JSValue string = JS_NewStringLen(context, (char *)text, to - text);
    js_free(context, text);
    return string;
}

JSValue text_decode(JSContext *context, JSValueConst self, int argc, JSValueConst *argv) {
    size_t length;
    const uint8_t *bytes = bytes_of(context, argv[0], &length);
    if (bytes == NULL) return JS_EXCEPTION;
    const uint8_t *at = bytes, *end = bytes + length;
    while (at < end) {
        int size = character(at, end);
        if (size < 0) return decode_faulty(context, bytes, end);
        at += size;
    }
    return JS_NewStringLen(context, (const char *)bytes, length);
}
