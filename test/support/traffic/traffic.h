/* What the parts of the traffic tool share: addresses of both families, sockets, and SCTP packets of one chunk. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

enum { SCTP_INIT = 1, SCTP_INIT_ACK = 2, SCTP_COOKIE = 7, COOKIE_BYTES = 128 };

/* A whole SCTP packet with one chunk; the answer's text is the state cookie. */
struct sctp_packet {
	uint16_t source, destination;
	uint32_t tag, checksum;
	uint8_t type, flags;
	uint16_t length;
	uint32_t init_tag, window;
	uint16_t out_streams, in_streams;
	uint32_t tsn;
	uint16_t parameter, parameter_length;
	char cookie[COOKIE_BYTES];
};

int protocol_of(const char *name);
union address parse(const char *text, int port);
socklen_t size_of(const union address *a);
int is_multicast(const union address *a);
int open_socket(int protocol, int family);

struct sctp_packet sctp_packet(int type, uint16_t source, uint16_t destination, uint32_t tag);
ssize_t send_sctp(int fd, struct sctp_packet *p, struct msghdr *to);
/* The packet behind the IPv4 header, if raw IPv4 gave one; NULL for another chunk or port. */
struct sctp_packet *sctp_chunk(char *data, ssize_t bytes, int family, int type, uint16_t port);

int serve(const char *name, char **words, int count);
int ask(char **words);
int forward(char **words);
