/* A program run to its end, for delegated plugins: its standard input is given, its standard output is kept. */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine.h"

struct output {
    uint8_t *bytes;
    size_t length, size;
};

/* Returns 1 at the end of the output. */
static int read_some(JSContext *context, int fd, struct output *output) {
    if (output->length == output->size) {
        size_t larger = output->size == 0 ? 4096 : output->size * 4;
        uint8_t *bytes = js_realloc(context, output->bytes, larger);
        if (bytes == NULL) return 1;
        output->bytes = bytes;
        output->size = larger;
    }
    ssize_t count = read(fd, output->bytes + output->length, output->size - output->length);
    if (count > 0) output->length += count;
    return count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN);
}

/* Writes and reads in turn as the program is ready for it: neither waits for the other. */
static void exchange(JSContext *context, int to, int from, const uint8_t *input, size_t left, struct output *output) {
    fcntl(to, F_SETFL, O_NONBLOCK);
    for (;;) {
        if (to >= 0 && left == 0) {
            close(to);
            to = -1;
        }
        struct pollfd fds[2] = {{.fd = from, .events = POLLIN}, {.fd = to, .events = POLLOUT}};
        if (poll(fds, 2, -1) < 0 && errno != EINTR) break;
        if (fds[1].revents != 0) {
            ssize_t count = write(to, input, left);
            if (count > 0) input += count, left -= count;
            else if (count < 0 && errno != EAGAIN && errno != EINTR) left = 0; /* it does not want to know */
        }
        if (fds[0].revents != 0 && read_some(context, from, output)) break;
    }
    if (to >= 0) close(to);
}

/* Like execve(2) of `file` with this environment; 0, or why it could not be started. */
static int start(pid_t *pid, const char *file, char **environment, int input, int output) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawnattr_init(&attributes);
    sigset_t broken_pipe; /* ours is ignored */
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes, &broken_pipe);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    return posix_spawn(pid, file, &actions, &attributes, (char *[]){(char *)file, NULL}, environment);
}

static int length_of(JSContext *context, JSValueConst array) {
    JSValue length = JS_GetPropertyStr(context, array, "length");
    int32_t number = 0;
    JS_ToInt32(context, &number, length);
    return number;
}

/* Its strings are never freed: the process ends soon. */
static char **to_strings(JSContext *context, JSValueConst array) {
    int length = length_of(context, array);
    char **strings = js_mallocz(context, (length + 1) * sizeof *strings);
    for (int i = 0; strings != NULL && i < length; i++) {
        JSValue item = JS_GetPropertyUint32(context, array, i);
        strings[i] = (char *)JS_ToCString(context, item);
        JS_FreeValue(context, item);
    }
    return strings;
}

/* Both pipes or none. */
static int open_pipes(int in[2], int out[2]) {
    if (pipe2(in, O_CLOEXEC) != 0) return -1;
    if (pipe2(out, O_CLOEXEC) == 0) return 0;
    int failure = errno;
    close(in[0]);
    close(in[1]);
    errno = failure;
    return -1;
}

/* Runs it to its end; 0, or why it could not be started. */
static int run(JSContext *context, const char *file, char **environment, const uint8_t *input, size_t length,
               struct output *output, int *status) {
    int in[2], out[2];
    pid_t pid;
    if (open_pipes(in, out) != 0) return errno;
    int failure = start(&pid, file, environment, in[0], out[1]);
    close(in[0]);
    close(out[1]);
    if (failure == 0) {
        exchange(context, in[1], out[0], input, length, output);
        while (waitpid(pid, status, 0) < 0 && errno == EINTR) {}
    } else {
        close(in[1]);
    }
    close(out[0]);
    return failure;
}

JSValue native_spawn(JSContext *context, JSValueConst self, int argc, JSValueConst *argv) {
    size_t length;
    const char *file = JS_ToCString(context, argv[0]);
    char **environment = to_strings(context, argv[1]);
    const uint8_t *input = bytes_of(context, argv[2], &length);
    if (file == NULL || environment == NULL || input == NULL) return JS_EXCEPTION;
    struct output output = {0};
    int status = 0, failure = run(context, file, environment, input, length, &output, &status);
    JSValue finished = JS_NewObject(context);
    JS_SetPropertyStr(context, finished, "errno", JS_NewInt32(context, failure));
    JS_SetPropertyStr(context, finished, "status", JS_NewInt32(context, status));
    JS_SetPropertyStr(context, finished, "stdout", bytes_copy(context, output.bytes, output.length));
    return finished;
}
