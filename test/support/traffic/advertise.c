/* advertise IFNAME: three router advertisements that give addresses of fd66::/64 and a default route (RFC 4861). */

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct advertisement {
    struct nd_router_advert router;
    struct nd_opt_prefix_info prefix;
};

int main(int argc, char **argv) {
    struct advertisement message = {
        .router = {.nd_ra_hdr = {.icmp6_type = ND_ROUTER_ADVERT}, .nd_ra_curhoplimit = 64, .nd_ra_router_lifetime = htons(1800)},
        .prefix = {.nd_opt_pi_type = ND_OPT_PREFIX_INFORMATION,
                   .nd_opt_pi_len = 4,
                   .nd_opt_pi_prefix_len = 64,
                   .nd_opt_pi_flags_reserved = ND_OPT_PI_FLAG_ONLINK | ND_OPT_PI_FLAG_AUTO,
                   .nd_opt_pi_valid_time = htonl(86400),
                   .nd_opt_pi_preferred_time = htonl(3600)},
    };
    inet_pton(AF_INET6, "fd66::", &message.prefix.nd_opt_pi_prefix);
    struct sockaddr_in6 all = {.sin6_family = AF_INET6};
    inet_pton(AF_INET6, "ff02::1", &all.sin6_addr);
    int hops = 255, fd = socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6), ifindex = argc == 2 ? if_nametoindex(argv[1]) : 0;
    if (fd < 0 || ifindex == 0) return perror("usage: advertise IFNAME"), 2;
    setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof hops);
    setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &ifindex, sizeof ifindex);
    /* Refused while it is found out whether the link-local address is anybody else's. */
    for (int sent = 0; sent < 3; usleep(50000))
        sent += sendto(fd, &message, sizeof message, 0, (struct sockaddr *)&all, sizeof all) > 0;
    return 0;
}
