/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * channel.h - packets and descriptors over a SOCK_SEQPACKET pair. Used by src/inject only, but for
 * lp_channel_take_fd(): src/cli/client.c too.
 */
#ifndef LP_INJECT_CHANNEL_H
#define LP_INJECT_CHANNEL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/*
 * One packet with n_fds descriptors (0..2). 0 or -errno; -ENOTSOCK: not such a socket (it may come
 * out of a process that is not trusted); -ETIMEDOUT: no room, as nobody reads, for LP_SEND_MS.
 */
#define LP_SEND_MS 3000
int lp_channel_send(int channel, const void *bytes, size_t size, const int *fds, size_t n_fds);

/*
 * One packet of at most `size` bytes: its length, 0 when the other end is closed, -ETIMEDOUT, or
 * another -errno. *fd (may be NULL) gets a descriptor that came along, or -1.
 */
int lp_channel_receive(int channel, void *bytes, size_t size, int *fd, uint64_t deadline_ns);

/*
 * The first descriptor that came with a message, or -1. All others are closed: one is all that is
 * ever asked for, but the room for it (CMSG_SPACE) is that for two.
 */
int lp_channel_take_fd(struct msghdr *message);

/*
 * SUTURE_HELLO over the clients' end: a connection of one's own, or -errno. *refusal (may be NULL)
 * gets the -errno with which a new agent ended because it cannot work there, or 0.
 */
int lp_channel_hello(int client_fd, uint64_t deadline_ns, int *refusal);

#endif
