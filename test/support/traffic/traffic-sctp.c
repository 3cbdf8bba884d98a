/* SCTP as raw packets: an INIT chunk, and the INIT ACK whose state cookie carries the answer. */

#include "traffic.h"
#include <sys/random.h>

static uint32_t crc32c(const void *data, size_t bytes)
{
	const uint8_t *byte = data;
	uint32_t crc = ~0u;
	while (bytes--) {
		crc ^= *byte++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
	}
	return htole32(~crc);
}

struct sctp_packet sctp_packet(int type, uint16_t source, uint16_t destination, uint32_t tag)
{
	struct sctp_packet p = {.source = source, .destination = destination, .tag = tag, .type = type};
	p.length = htons(sizeof p - 12);
	getrandom(&p.init_tag, sizeof p.init_tag, 0);
	p.init_tag |= htonl(1);
	p.window = htonl(65536);
	p.out_streams = p.in_streams = htons(1);
	p.parameter = htons(SCTP_COOKIE);
	p.parameter_length = htons(4 + COOKIE_BYTES);
	return p;
}

ssize_t send_sctp(int fd, struct sctp_packet *p, struct msghdr *to)
{
	struct iovec iov = {p, sizeof *p};
	p->checksum = 0;
	p->checksum = crc32c(p, sizeof *p);
	to->msg_iov = &iov;
	to->msg_iovlen = 1;
	return sendmsg(fd, to, 0);
}

struct sctp_packet *sctp_chunk(char *data, ssize_t bytes, int family, int type, uint16_t port)
{
	size_t header = family == AF_INET ? (data[0] & 15) * 4 : 0;
	struct sctp_packet *p = (struct sctp_packet *)(data + header);
	int is_ours = bytes >= (ssize_t)(header + sizeof *p) && p->type == type && p->destination == port;
	return is_ours ? p : NULL;
}
