/*
 * First process of the test virtual machine once it is up: runs the shell scripts that come through its standard input,
 * a port of the machine, any number at once.
 *
 * A request is "ID SCRIPT_BYTES INPUT_BYTES\n", the script, and the bytes of its standard input.
 * An answer is "ID STATUS STDOUT_BYTES STDERR_BYTES\n" and both outputs. The very first one is for ID 0.
 */

#define _GNU_SOURCE
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct request {
	long id;
	char *script;
	int in, out, error;
};

static int lock;

static int make_file(void)
{
	int fd = memfd_create("agent", MFD_CLOEXEC);
	if (fd < 0)
		err(1, "memfd_create");
	return fd;
}

static char *read_bytes(size_t size)
{
	char *bytes = malloc(size + 1);
	if (!bytes || fread(bytes, 1, size, stdin) != size)
		errx(1, "a request is cut short");
	bytes[size] = 0;
	return bytes;
}

static void write_bytes(int fd, const char *bytes, size_t size)
{
	for (ssize_t n; size; bytes += n, size -= n)
		if ((n = write(fd, bytes, size)) < 0)
			err(1, "write");
}

static int run(const struct request *r)
{
	int status;
	pid_t pid = fork();
	if (pid == 0) {
		setsid();
		dup2(r->in, 0);
		dup2(r->out, 1);
		dup2(r->error, 2);
		execl("/bin/sh", "sh", "-c", r->script, NULL);
		err(127, "sh");
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		err(1, "no process for a script");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void answer(const struct request *r, int status)
{
	int files[] = { r->out, r->error };
	size_t sizes[2];
	for (int i = 0; i < 2; i++) {
		struct stat file;
		fstat(files[i], &file);
		sizes[i] = file.st_size;
	}
	if (lockf(lock, F_LOCK, 0) < 0) /* until this process ends */
		err(1, "lockf");
	dprintf(STDOUT_FILENO, "%ld %d %zu %zu\n", r->id, status, sizes[0], sizes[1]);
	for (int i = 0; i < 2; i++) {
		char *bytes = mmap(NULL, sizes[i] + 1, PROT_READ, MAP_PRIVATE, files[i], 0);
		write_bytes(STDOUT_FILENO, bytes, sizes[i]);
	}
}

int main(void)
{
	size_t script_bytes, input_bytes;
	struct request r = { 0 };
	signal(SIGCHLD, SIG_IGN); /* nobody waits for those that are left to the first process */
	lock = make_file();
	puts("0 0 0 0");
	fflush(stdout);
	while (scanf("%ld %zu %zu", &r.id, &script_bytes, &input_bytes) == 3 && getchar() == '\n') {
		r.script = read_bytes(script_bytes);
		char *input = read_bytes(input_bytes);
		r.in = make_file();
		r.out = make_file();
		r.error = make_file();
		write_bytes(r.in, input, input_bytes);
		lseek(r.in, 0, SEEK_SET);
		if (fork() == 0) {
			signal(SIGCHLD, SIG_DFL);
			answer(&r, run(&r));
			_exit(0);
		}
		close(r.in);
		close(r.out);
		close(r.error);
		free(r.script);
		free(input);
	}
}
