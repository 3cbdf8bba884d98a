/*
 * One TCP connection at full speed, IPv4 or IPv6, and how fast it was.
 *
 *   receive PORT LEAD_BYTES WINDOW_MS
 *     prints "ready" when it listens; takes one connection, passes over LEAD_BYTES (what a full bucket lets through
 *     at once), then counts for WINDOW_MS, prints the payload's bits a second and hangs up
 *   send ADDRESS PORT
 *     sends until the other side hangs up; ends with 1 where there is none
 */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static char data[1 << 16];

static int64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static int accept_one(int port)
{
	struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	int on = 1, fd = socket(AF_INET6, SOCK_STREAM, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof any) < 0 || listen(fd, 1) < 0)
		err(2, "listen");
	puts("ready");
	fflush(stdout);
	fd = accept(fd, NULL, NULL);
	if (fd < 0)
		err(2, "accept");
	return fd;
}

static int receive(int port, int64_t lead, int64_t window_ms)
{
	int fd = accept_one(port);
	int64_t bytes = 0, start = 0, now;
	ssize_t got;
	while ((got = read(fd, data, sizeof data)) > 0) {
		now = now_ns();
		if (lead > 0 && (lead -= got) <= 0)
			start = now;
		else if (start)
			bytes += got;
		if (start && now - start >= window_ms * 1000000) {
			printf("%" PRId64 "\n", (int64_t)(bytes * 8e9 / (now - start)));
			return 0;
		}
	}
	errx(2, "the sender hung up");
}

static int transmit(const char *address, int port)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} to = {0};
	int is_v4 = inet_pton(AF_INET, address, &to.v4.sin_addr) == 1;
	if (!is_v4 && inet_pton(AF_INET6, address, &to.v6.sin6_addr) != 1)
		errx(2, "no address: %s", address);
	to.any.sa_family = is_v4 ? AF_INET : AF_INET6;
	to.v4.sin_port = htons(port); /* at the same place in both */
	int fd = socket(to.any.sa_family, SOCK_STREAM, 0);
	if (fd < 0)
		err(2, "socket");
	/* the one that every kernel has, and that a queue is enough for to keep a link busy */
	if (setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4) < 0)
		err(2, "TCP_CONGESTION");
	if (connect(fd, &to.any, is_v4 ? sizeof to.v4 : sizeof to.v6) < 0)
		err(1, "connect");
	while (send(fd, data, sizeof data, MSG_NOSIGNAL) > 0)
		;
	return errno == EPIPE || errno == ECONNRESET ? 0 : 1;
}

int main(int argc, char **argv)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (argc == 5 && !strcmp(argv[1], "receive"))
		return receive(atoi(argv[2]), atoll(argv[3]), atoll(argv[4]));
	if (argc == 4 && !strcmp(argv[1], "send"))
		return transmit(argv[2], atoi(argv[3]));
	errx(2, "want receive PORT LEAD_BYTES WINDOW_MS or send ADDRESS PORT");
}
