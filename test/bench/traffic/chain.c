/*
 * Runs plugins one after the other for one attachment, as a container runtime does: "chain PLUGIN...".
 *
 * Reads one configuration for each plugin from standard input, each ended by NUL; what a plugin prints goes to the next
 * one as prevResult, put in before the last brace of its configuration, which has other fields. Answers
 * "STARTED_NS ENDED_NS\n", by CLOCK_MONOTONIC from the first plugin's start to the last one's end, and what the last
 * one printed. Ends with the status of the first plugin that fails. Configurations and results wait in pipes, so each
 * has to fit into one.
 */

#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PIPE_BYTES = 1 << 16 };

static long long now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* One configuration, with `result` as its prevResult where that is not empty. */
static char *read_configuration(const char *result)
{
	char *text = NULL, *whole;
	size_t size = 0;
	ssize_t length = getdelim(&text, &size, 0, stdin);
	if (length < 3 || text[length - 2] != '}')
		errx(1, "want a configuration, an object");
	if (!*result)
		return text;
	if (asprintf(&whole, "%.*s,\"prevResult\":%s}", (int)length - 2, text, result) < 0)
		err(1, "asprintf");
	return whole;
}

static pid_t start(char *plugin, int in, int out)
{
	pid_t pid = vfork();
	if (pid < 0)
		err(1, "vfork");
	if (pid > 0)
		return pid;
	dup2(in, 0);
	dup2(out, 1);
	execv(plugin, (char *[]){ plugin, NULL });
	_exit(127);
}

/* Replaces `result` by what the plugin printed. */
static int run(char *plugin, const char *configuration, char *result)
{
	size_t bytes = 0, length = strlen(configuration);
	int in[2], out[2], status;
	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		err(1, "pipe2");
	if (length > PIPE_BYTES || write(in[1], configuration, length) != (ssize_t)length)
		errx(1, "a configuration is too long");
	close(in[1]);
	pid_t pid = start(plugin, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	if (waitpid(pid, &status, 0) < 0)
		err(1, "waitpid");
	for (ssize_t n; (n = read(out[0], result + bytes, PIPE_BYTES - bytes)) > 0;)
		bytes += n;
	result[bytes] = 0;
	close(out[0]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	static char result[PIPE_BYTES + 1];
	int status = 0;
	long long started = now();
	for (int i = 1; i < argc && status == 0; i++)
		status = run(argv[i], read_configuration(result), result);
	printf("%lld %lld\n%s", started, now(), result);
	return status;
}
