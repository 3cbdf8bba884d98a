/*
 * New TCP connections, as many as there can be one after the other.
 *
 * "connections serve NETNS PORT" accepts and hangs up as long as its parent lives; it says "ready\n" once it listens.
 * "connections open NETNS ADDRESS PORT COUNT" opens COUNT connections in turn, each reset before the next, so that no
 * port stays taken, and ends with 1 where one fails. The queue of the server is as long as COUNT may be: its own pace
 * does not count.
 */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { QUEUE = 4096 };

static void enter(const char *netns)
{
	int fd = open(netns, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
		err(1, "%s", netns);
	close(fd);
}

static int tcp_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		err(1, "socket");
	return fd;
}

static struct sockaddr_in endpoint(const char *address, const char *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(atoi(port)) };
	if (inet_pton(AF_INET, address, &a.sin_addr) != 1)
		errx(1, "%s: no address", address);
	return a;
}

static void serve(struct sockaddr_in at)
{
	int listener = tcp_socket();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (bind(listener, (struct sockaddr *)&at, sizeof at) < 0 || listen(listener, QUEUE) < 0)
		err(1, "listen");
	puts("ready");
	fflush(stdout);
	for (;;)
		close(accept4(listener, NULL, NULL, SOCK_CLOEXEC));
}

static void open_all(struct sockaddr_in to, int count)
{
	struct linger reset = { .l_onoff = 1, .l_linger = 0 };
	if (count > QUEUE)
		errx(1, "%d: want at most %d", count, QUEUE);
	for (int i = 0; i < count; i++) {
		int fd = tcp_socket();
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
		if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
			err(1, "connect");
		close(fd);
	}
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "serve")) {
		enter(argv[2]);
		serve(endpoint("0.0.0.0", argv[3]));
	} else if (argc == 6 && !strcmp(argv[1], "open")) {
		enter(argv[2]);
		open_all(endpoint(argv[3], argv[4]), atoi(argv[5]));
	} else {
		errx(1, "want \"serve NETNS PORT\" or \"open NETNS ADDRESS PORT COUNT\"");
	}
}
