/* The side that answers: each peer is told the server's name and the address that it came from. */

#include "traffic.h"
#include <net/if.h>
#include <netdb.h>
#include <poll.h>

enum { MAX_ENDPOINTS = 64 };

struct endpoint {
	int fd, protocol, port;
};

static void text_of(const union address *a, char *text, size_t bytes)
{
	getnameinfo(&a->any, size_of(a), text, bytes, NULL, 0, NI_NUMERICHOST);
}

static void answer_stream(int listener, const char *name)
{
	union address peer;
	socklen_t size = sizeof peer;
	char host[64];
	int fd = accept(listener, &peer.any, &size);
	if (fd < 0)
		return;
	text_of(&peer, host, sizeof host);
	dprintf(fd, "%s %s", name, host);
	close(fd);
}

/* The control message of what was received, made one for the answer: its source is the address that was asked. */
static void leave_from_where_it_came(struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == IPPROTO_IP)
			((struct in_pktinfo *)CMSG_DATA(c))->ipi_ifindex = 0;
		else if (IN6_IS_ADDR_MULTICAST(&((struct in6_pktinfo *)CMSG_DATA(c))->ipi6_addr))
			m->msg_controllen = 0;
	}
}

static void answer_message(const struct endpoint *e, const char *name)
{
	char data[2048], control[256], text[COOKIE_BYTES] = "", host[64];
	union address peer;
	struct iovec iov = {data, sizeof data};
	struct msghdr m = {&peer, sizeof peer, &iov, 1, control, sizeof control, 0};
	ssize_t bytes = recvmsg(e->fd, &m, 0);
	if (bytes < 0)
		return;
	text_of(&peer, host, sizeof host);
	snprintf(text, sizeof text, "%s %s", name, host);
	leave_from_where_it_came(&m);
	if (e->protocol == IPPROTO_UDP) {
		iov = (struct iovec){text, strlen(text)};
		sendmsg(e->fd, &m, 0);
		return;
	}
	struct sctp_packet *p = sctp_chunk(data, bytes, peer.any.sa_family, SCTP_INIT, htons(e->port));
	if (!p)
		return;
	struct sctp_packet reply = sctp_packet(SCTP_INIT_ACK, p->destination, p->source, p->init_tag);
	memcpy(reply.cookie, text, sizeof text);
	if (peer.any.sa_family == AF_INET6)
		peer.v6.sin6_port = 0; /* raw IPv6 sockets take it for a protocol */
	send_sctp(e->fd, &reply, &m);
}

static void join(int fd, const union address *a)
{
	struct group_req group = {.gr_interface = if_nametoindex("eth0")};
	int level = a->any.sa_family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
	memcpy(&group.gr_group, a, sizeof *a);
	if (setsockopt(fd, level, MCAST_JOIN_GROUP, &group, sizeof group) < 0)
		err(2, "MCAST_JOIN_GROUP");
}

static struct endpoint listen_at(char **words)
{
	struct endpoint e = {.protocol = protocol_of(words[0]), .port = atoi(words[2])};
	union address a = parse(words[1], e.protocol == IPPROTO_SCTP ? 0 : e.port);
	e.fd = open_socket(e.protocol, a.any.sa_family);
	if (bind(e.fd, &a.any, size_of(&a)) < 0)
		err(2, "bind %s %s %s", words[0], words[1], words[2]);
	if (is_multicast(&a))
		join(e.fd, &a);
	if (e.protocol == IPPROTO_TCP && listen(e.fd, 128) < 0)
		err(2, "listen");
	return e;
}

int serve(const char *name, char **words, int count)
{
	struct endpoint endpoints[MAX_ENDPOINTS];
	struct pollfd polled[MAX_ENDPOINTS];
	if (count > MAX_ENDPOINTS)
		errx(2, "at most %d endpoints", MAX_ENDPOINTS);
	for (int i = 0; i < count; i++) {
		endpoints[i] = listen_at(words + 3 * i);
		polled[i] = (struct pollfd){endpoints[i].fd, POLLIN, 0};
	}
	puts("ready");
	fflush(stdout);
	while (poll(polled, count, -1) > 0)
		for (int i = 0; i < count; i++) {
			if (!polled[i].revents)
				continue;
			if (endpoints[i].protocol == IPPROTO_TCP)
				answer_stream(endpoints[i].fd, name);
			else
				answer_message(&endpoints[i], name);
		}
	return 1;
}
