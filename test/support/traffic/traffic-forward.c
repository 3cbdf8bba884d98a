/* A multicast router for one sender and one group: what a node does that runs a routing daemon. */

#include "traffic.h"
#include <linux/mroute.h>
#include <linux/mroute6.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <poll.h>

enum { IN_VIF, OUT_VIF };

static void set(int fd, int level, int option, const void *value, socklen_t bytes)
{
	if (setsockopt(fd, level, option, value, bytes) < 0)
		err(2, "setsockopt %d", option);
}

static void forward4(const union address *from, const union address *group, const char *in, const char *out)
{
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_IGMP), on = 1;
	struct vifctl vifs[] = {
		{.vifc_vifi = IN_VIF, .vifc_flags = VIFF_USE_IFINDEX, .vifc_threshold = 1},
		{.vifc_vifi = OUT_VIF, .vifc_flags = VIFF_USE_IFINDEX, .vifc_threshold = 1},
	};
	struct mfcctl route = {.mfcc_origin = from->v4.sin_addr, .mfcc_mcastgrp = group->v4.sin_addr, .mfcc_parent = IN_VIF};
	vifs[IN_VIF].vifc_lcl_ifindex = if_nametoindex(in);
	vifs[OUT_VIF].vifc_lcl_ifindex = if_nametoindex(out);
	route.mfcc_ttls[OUT_VIF] = 1;
	set(fd, IPPROTO_IP, MRT_INIT, &on, sizeof on);
	set(fd, IPPROTO_IP, MRT_ADD_VIF, &vifs[IN_VIF], sizeof vifs[0]);
	set(fd, IPPROTO_IP, MRT_ADD_VIF, &vifs[OUT_VIF], sizeof vifs[0]);
	set(fd, IPPROTO_IP, MRT_ADD_MFC, &route, sizeof route);
}

static void forward6(const union address *from, const union address *group, const char *in, const char *out)
{
	int fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6), on = 1;
	struct mif6ctl mifs[] = {
		{.mif6c_mifi = IN_VIF, .vifc_threshold = 1, .mif6c_pifi = if_nametoindex(in)},
		{.mif6c_mifi = OUT_VIF, .vifc_threshold = 1, .mif6c_pifi = if_nametoindex(out)},
	};
	struct mf6cctl route = {.mf6cc_origin = from->v6, .mf6cc_mcastgrp = group->v6, .mf6cc_parent = IN_VIF};
	IF_SET(OUT_VIF, &route.mf6cc_ifset);
	set(fd, IPPROTO_IPV6, MRT6_INIT, &on, sizeof on);
	set(fd, IPPROTO_IPV6, MRT6_ADD_MIF, &mifs[IN_VIF], sizeof mifs[0]);
	set(fd, IPPROTO_IPV6, MRT6_ADD_MIF, &mifs[OUT_VIF], sizeof mifs[0]);
	set(fd, IPPROTO_IPV6, MRT6_ADD_MFC, &route, sizeof route);
}

int forward(char **words)
{
	union address from = parse(words[0], 0), group = parse(words[1], 0);
	(from.any.sa_family == AF_INET ? forward4 : forward6)(&from, &group, words[2], words[3]);
	puts("ready");
	fflush(stdout);
	poll(NULL, 0, -1); /* the kernel forwards for as long as the socket is open */
	return 1;
}
