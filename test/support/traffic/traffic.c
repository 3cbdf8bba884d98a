/*
 * Serves and connects over TCP, UDP and SCTP, IPv4 and IPv6. SCTP is raw packets, an INIT chunk and its INIT ACK: as
 * much as connection tracking looks at, for kernels that have no SCTP sockets.
 *
 *   serve NAME [PROTOCOL ADDRESS PORT]...
 *     prints "ready" when all are bound, answers each peer with "NAME PEER_ADDRESS", ends with its parent
 *   connect PROTOCOL ADDRESS PORT TIMEOUT_MS FROM_ADDRESS FROM_PORT
 *     prints the answer, or "no answer: " and the errno; FROM_ADDRESS "any" and FROM_PORT 0 leave them to the kernel
 *   forward SENDER GROUP IN OUT
 *     prints "ready", forwards multicast from one interface to the other, ends with its parent
 */

#include "traffic.h"
#include <signal.h>
#include <sys/prctl.h>

int protocol_of(const char *name)
{
	return !strcmp(name, "tcp") ? IPPROTO_TCP : !strcmp(name, "udp") ? IPPROTO_UDP : IPPROTO_SCTP;
}

union address parse(const char *text, int port)
{
	union address a = {0};
	if (inet_pton(AF_INET, text, &a.v4.sin_addr) == 1)
		a.any.sa_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &a.v6.sin6_addr) == 1)
		a.any.sa_family = AF_INET6;
	else
		errx(2, "no address: %s", text);
	a.v4.sin_port = htons(port); /* at the same place in both */
	return a;
}

socklen_t size_of(const union address *a)
{
	return a->any.sa_family == AF_INET ? sizeof a->v4 : sizeof a->v6;
}

int is_multicast(const union address *a)
{
	return a->any.sa_family == AF_INET ? IN_MULTICAST(ntohl(a->v4.sin_addr.s_addr))
					   : IN6_IS_ADDR_MULTICAST(&a->v6.sin6_addr);
}

int open_socket(int protocol, int family)
{
	int type = protocol == IPPROTO_TCP ? SOCK_STREAM : protocol == IPPROTO_UDP ? SOCK_DGRAM : SOCK_RAW;
	int fd = socket(family, type | SOCK_CLOEXEC, protocol), on = 1;
	if (fd < 0)
		err(2, "socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	/* so that an answer leaves from the address that was asked */
	setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
	return fd;
}

int main(int argc, char **argv)
{
	if (argc >= 3 && !strcmp(argv[1], "serve") && argc % 3 == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		return serve(argv[2], argv + 3, argc / 3 - 1);
	}
	if (argc == 6 && !strcmp(argv[1], "forward")) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		return forward(argv + 2);
	}
	if (argc == 8 && !strcmp(argv[1], "connect"))
		return ask(argv + 2);
	errx(2, "want serve, forward or connect with their arguments");
}
