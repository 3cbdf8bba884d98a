/* stray ADDRESS: a TCP segment with RST that belongs to no connection, to port 80. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

int main(int argc, char **argv) {
    struct sockaddr_in to4 = {.sin_family = AF_INET};
    struct sockaddr_in6 to6 = {.sin6_family = AF_INET6};
    struct tcphdr segment = {.source = htons(4000), .dest = htons(80), .doff = 5, .rst = 1};
    const char *address = argc == 2 ? argv[1] : "";
    int is6 = inet_pton(AF_INET6, address, &to6.sin6_addr) == 1;
    if (!is6 && inet_pton(AF_INET, address, &to4.sin_addr) != 1) return fprintf(stderr, "usage: stray ADDRESS\n"), 2;
    int fd = socket(is6 ? AF_INET6 : AF_INET, SOCK_RAW, IPPROTO_TCP), checksum = offsetof(struct tcphdr, check);
    if (is6) setsockopt(fd, IPPROTO_IPV6, IPV6_CHECKSUM, &checksum, sizeof checksum);
    const struct sockaddr *to = is6 ? (void *)&to6 : (void *)&to4;
    if (sendto(fd, &segment, sizeof segment, 0, to, is6 ? sizeof to6 : sizeof to4) < 0) return perror("sendto"), 1;
    return 0;
}
