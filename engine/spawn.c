/* A program run to its end, for delegated plugins: its standard input is given, its standard output is kept. */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/syscall.h>
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

static int64_t now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* The files of one run, each -1 once it is of no use. */
struct program {
    pid_t pid;
    int to, from, ended; /* its input, its output, and what is readable once it has ended */
};

static void close_input(struct program *program) {
    if (program->to >= 0) close(program->to);
    program->to = -1;
}

/*
 * Writes and reads in turn as the program is ready for it: neither waits for the other. Returns 1 once it has ended; a
 * process that it leaves behind may keep its output open. 0 where `deadline` came first.
 */
static int exchange(JSContext *context, struct program *program, const uint8_t *input, size_t left,
                    struct output *output, int64_t deadline) {
    int64_t rest;
    fcntl(program->to, F_SETFL, O_NONBLOCK);
    while ((rest = deadline - now_ms()) > 0) {
        if (left == 0) close_input(program);
        struct pollfd fds[3] = {{.fd = program->from, .events = POLLIN},
                                {.fd = program->to, .events = POLLOUT},
                                {.fd = program->ended, .events = POLLIN}};
        if (poll(fds, 3, rest) < 0 && errno != EINTR) return 0;
        if (fds[1].revents != 0) {
            ssize_t count = write(program->to, input, left);
            if (count > 0) input += count, left -= count;
            else if (count < 0 && errno != EAGAIN && errno != EINTR) left = 0; /* it does not want to know */
        }
        if (fds[2].revents != 0 && fds[0].revents == 0) return 1;
        if (fds[0].revents != 0 && read_some(context, program->from, output)) program->from = -1;
    }
    return 0;
}

/* Like execve(2) of `file` with this environment; 0, or why it could not be started. */
static int start(pid_t *pid, const char *file, char **environment, int input, int output) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawnattr_init(&attributes);
    sigset_t ignored; /* by us */
    sigemptyset(&ignored);
    sigaddset(&ignored, SIGPIPE);
    sigaddset(&ignored, SIGXFSZ);
    posix_spawnattr_setsigdefault(&attributes, &ignored);
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

/* Runs it to its end; 0, or why it could not be started; ETIMEDOUT where it was killed at the deadline. */
static int run(JSContext *context, const char *file, char **environment, const uint8_t *input, size_t length,
               struct output *output, int *status, int64_t deadline) {
    int in[2], out[2];
    struct program program;
    if (open_pipes(in, out) != 0) return errno;
    int failure = start(&program.pid, file, environment, in[0], out[1]);
    close(in[0]);
    close(out[1]);
    program.to = in[1];
    program.from = out[0];
    if (failure == 0) {
        program.ended = syscall(SYS_pidfd_open, program.pid, 0);
        if (!exchange(context, &program, input, length, output, deadline)) {
            kill(program.pid, SIGKILL);
            failure = ETIMEDOUT;
        }
        while (waitpid(program.pid, status, 0) < 0 && errno == EINTR) {}
        close(program.ended);
    }
    close_input(&program);
    close(out[0]);
    return failure;
}

JSValue native_spawn(JSContext *context, JSValueConst self, int argc, JSValueConst *argv) {
    size_t length;
    const char *file = JS_ToCString(context, argv[0]);
    char **environment = to_strings(context, argv[1]);
    const uint8_t *input = bytes_of(context, argv[2], &length);
    if (file == NULL || environment == NULL || input == NULL) return JS_EXCEPTION;
    int32_t timeout;
    if (JS_ToInt32(context, &timeout, argv[3]) != 0) return JS_EXCEPTION;
    struct output output = {0};
    int status = 0, failure = run(context, file, environment, input, length, &output, &status, now_ms() + timeout);
    JSValue finished = JS_NewObject(context);
    JS_SetPropertyStr(context, finished, "errno", JS_NewInt32(context, failure));
    JS_SetPropertyStr(context, finished, "status", JS_NewInt32(context, status));
    JS_SetPropertyStr(context, finished, "stdout", bytes_copy(context, output.bytes, output.length));
    return finished;
}
