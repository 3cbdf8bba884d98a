/* The side that asks: prints the answer, or why there is none. */

#include "traffic.h"
#include <sys/time.h>
#include <time.h>

enum { RESEND_MS = 300 };

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void limit(int fd, int64_t ms)
{
	struct timeval t = {ms / 1000, ms % 1000 * 1000};
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t);
}

static int fail(void)
{
	int is_late = errno == EAGAIN || errno == EINPROGRESS;
	printf("no answer: %s\n", is_late ? "timeout" : strerrorname_np(errno));
	return 1;
}

static int ask_stream(int fd, const union address *to)
{
	char text[256];
	size_t length = 0;
	ssize_t bytes;
	if (connect(fd, &to->any, size_of(to)) < 0)
		return fail();
	while ((bytes = read(fd, text + length, sizeof text - 1 - length)) > 0)
		length += bytes;
	if (bytes < 0)
		return fail();
	printf("%.*s\n", (int)length, text);
	return 0;
}

/* One message, sent again until it is answered or the time is over. */
static int ask_message(int fd, const union address *to, int protocol, int from_port, int64_t timeout_ms)
{
	char data[2048];
	int64_t end = now_ms() + timeout_ms;
	uint16_t port = htons(from_port ? from_port : 20000 + getpid() % 10000);
	struct sctp_packet init = sctp_packet(SCTP_INIT, port, to->v4.sin_port, 0);
	struct msghdr m = {(void *)to, size_of(to), &(struct iovec){"?", 1}, 1, NULL, 0, 0};
	union address raw = *to;
	raw.v4.sin_port = 0;
	if (protocol == IPPROTO_SCTP)
		m.msg_name = &raw;
	int hops = 8;
	setsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, &hops, sizeof hops);
	setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof hops);
	if (!is_multicast(to)) {
		if (connect(fd, m.msg_name, size_of(to)) < 0)
			return fail();
		m = (struct msghdr){.msg_iov = m.msg_iov, .msg_iovlen = 1};
	}
	while (now_ms() < end) {
		if ((protocol == IPPROTO_UDP ? sendmsg(fd, &m, 0) : send_sctp(fd, &init, &m)) < 0)
			return fail();
		int64_t wait_until = now_ms() + RESEND_MS;
		while (now_ms() < wait_until) {
			ssize_t bytes = recv(fd, data, sizeof data, 0);
			if (bytes < 0 && errno == EAGAIN)
				break;
			if (bytes < 0)
				return fail();
			struct sctp_packet *p = NULL;
			if (protocol == IPPROTO_SCTP)
				p = sctp_chunk(data, bytes, to->any.sa_family, SCTP_INIT_ACK, port);
			if (protocol == IPPROTO_SCTP && (!p || p->tag != init.init_tag))
				continue;
			printf("%.*s\n", p ? COOKIE_BYTES : (int)bytes, p ? p->cookie : data);
			return 0;
		}
	}
	errno = EAGAIN;
	return fail();
}

int ask(char **words)
{
	int protocol = protocol_of(words[0]), timeout_ms = atoi(words[3]), from_port = atoi(words[5]);
	union address to = parse(words[1], atoi(words[2]));
	int fd = open_socket(protocol, to.any.sa_family);
	const char *none = to.any.sa_family == AF_INET ? "0.0.0.0" : "::";
	union address from = parse(strcmp(words[4], "any") ? words[4] : none, from_port);
	if (protocol == IPPROTO_SCTP)
		from.v4.sin_port = 0;
	if (bind(fd, &from.any, size_of(&from)) < 0)
		err(2, "bind %s %s", words[4], words[5]);
	limit(fd, protocol == IPPROTO_TCP ? timeout_ms : RESEND_MS);
	return protocol == IPPROTO_TCP ? ask_stream(fd, &to) : ask_message(fd, &to, protocol, from_port, timeout_ms);
}
