/* The end where nothing else can be done. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine.h"

int is_call(void) {
    const char *command = getenv("CNI_COMMAND");
    return command != NULL && command[0] != '\0';
}

/* Code 999 is libcni's for what no code of the specification is for. */
_Noreturn void fatal(const char *text) {
    static const char document[] = "{\"cniVersion\":\"1.1.0\",\"code\":999,\"msg\":\"the engine failed\","
                                   "\"details\":\"standard error says why; please report it\"}\n";
    dprintf(STDERR_FILENO, "podwire: %s\n", text);
    if (is_call() && write(STDOUT_FILENO, document, sizeof document - 1) < 0) _exit(2);
    _exit(1);
}

_Noreturn void die(const char *action) {
    char text[512];
    snprintf(text, sizeof text, "%s: %s", action, strerror(errno));
    fatal(text);
}
