/*
 * Starts commands as thinly as can be and measures them: vfork, execve, wait4, CLOCK_MONOTONIC; nothing else between.
 *
 * Reads batches from standard input until its end; the commands of one batch run at once:
 *   "COMMANDS\n", then for each command "ARGUMENTS VARIABLES INPUT_BYTES\n", that many NUL-terminated arguments and
 *   environment variables, and the bytes of its standard input.
 * Answers each batch with "BATCH_NS\n" and for each command
 *   "STATUS WALL_NS CPU_US PEAK_KB MINOR_FAULTS OUTPUT_BYTES\n" and the bytes of its standard output.
 * Input and output wait in pipes, so each has to fit into one; a command that writes more than that never ends.
 */

#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PIPE_BYTES = 1 << 18 };

struct command {
	char **argv, **envp;
	int in, out[2];
	pid_t pid;
	int status;
	long long started, ended;
	struct rusage usage;
};

static long long now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static char **read_strings(int count)
{
	char **strings = calloc(count + 1, sizeof *strings);
	for (int i = 0; i < count; i++) {
		size_t size = 0;
		if (getdelim(&strings[i], &size, 0, stdin) < 0)
			errx(1, "a string is missing");
	}
	return strings;
}

static void free_strings(char **strings)
{
	for (char **s = strings; *s; s++)
		free(*s);
	free(strings);
}

static void make_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC) < 0)
		err(1, "pipe2");
	fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES); /* the default is right too, where this is refused */
}

static void read_command(struct command *c)
{
	int arguments, variables, bytes, input[2];
	if (scanf("%d %d %d", &arguments, &variables, &bytes) != 3 || getchar() != '\n')
		errx(1, "want \"ARGUMENTS VARIABLES INPUT_BYTES\"");
	c->argv = read_strings(arguments);
	c->envp = read_strings(variables);
	char *text = malloc(bytes + 1);
	if (fread(text, 1, bytes, stdin) != (size_t)bytes)
		errx(1, "input is missing");
	make_pipe(input);
	make_pipe(c->out);
	if (write(input[1], text, bytes) != bytes)
		err(1, "write");
	close(input[1]);
	free(text);
	c->in = input[0];
}

static void start(struct command *c)
{
	c->started = now();
	c->pid = vfork();
	if (c->pid < 0)
		err(1, "vfork");
	if (c->pid > 0)
		return;
	dup2(c->in, 0);
	dup2(c->out[1], 1);
	execve(c->argv[0], c->argv, c->envp);
	_exit(127);
}

static void wait_for_one(struct command *commands, int count)
{
	struct rusage usage;
	int status;
	pid_t pid = wait4(-1, &status, 0, &usage);
	long long ended = now();
	for (int i = 0; i < count; i++) {
		if (commands[i].pid != pid)
			continue;
		commands[i].ended = ended;
		commands[i].status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		commands[i].usage = usage;
	}
}

static void answer(struct command *c)
{
	static char output[PIPE_BYTES];
	size_t bytes = 0;
	close(c->out[1]);
	for (ssize_t n; (n = read(c->out[0], output + bytes, sizeof output - bytes)) > 0;)
		bytes += n;
	struct timeval user = c->usage.ru_utime, sys = c->usage.ru_stime;
	printf("%d %lld %lld %ld %ld %zu\n", c->status, c->ended - c->started,
	       (user.tv_sec + sys.tv_sec) * 1000000LL + user.tv_usec + sys.tv_usec, c->usage.ru_maxrss,
	       c->usage.ru_minflt, bytes);
	fwrite(output, 1, bytes, stdout);
	close(c->out[0]);
	close(c->in);
	free_strings(c->argv);
	free_strings(c->envp);
}

int main(void)
{
	for (int count; scanf("%d", &count) == 1 && getchar() == '\n';) {
		struct command *commands = calloc(count, sizeof *commands);
		for (int i = 0; i < count; i++)
			read_command(&commands[i]);
		long long started = now();
		for (int i = 0; i < count; i++)
			start(&commands[i]);
		for (int i = 0; i < count; i++)
			wait_for_one(commands, count);
		printf("%lld\n", now() - started);
		for (int i = 0; i < count; i++)
			answer(&commands[i]);
		fflush(stdout);
		free(commands);
	}
}
