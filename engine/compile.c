/* For the build: compile SCRIPT BYTECODE */

#include <stdio.h>
#include <stdlib.h>

#include "quickjs.h"

static char *read_file(const char *path, size_t *length) {
    FILE *file = fopen(path, "r");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) return NULL;
    *length = ftell(file);
    char *text = calloc(1, *length + 1);
    rewind(file);
    return fread(text, 1, *length, file) == *length ? text : NULL;
}

int main(int argc, char **argv) {
    size_t length, size;
    char *text = argc == 3 ? read_file(argv[1], &length) : NULL;
    if (text == NULL) return perror("usage: compile SCRIPT BYTECODE"), 2;
    JSContext *context = JS_NewContext(JS_NewRuntime());
    JSValue script = JS_Eval(context, text, length, "podwire", JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_COMPILE_ONLY);
    if (JS_IsException(script)) {
        JSValue exception = JS_GetException(context);
        fprintf(stderr, "%s: %s %s\n", argv[1], JS_ToCString(context, exception),
                JS_ToCString(context, JS_GetPropertyStr(context, exception, "stack")));
        return 1;
    }
    uint8_t *bytecode = JS_WriteObject(context, &size, script, JS_WRITE_OBJ_BYTECODE);
    FILE *file = bytecode == NULL ? NULL : fopen(argv[2], "w");
    if (file == NULL || fwrite(bytecode, 1, size, file) != size || fclose(file) != 0) return perror(argv[2]), 1;
    return 0;
}
