/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * namespace.h - mount namespaces: a view of the file system of one's own, also without being root.
 */
#ifndef LP_UNITS_NAMESPACE_H
#define LP_UNITS_NAMESPACE_H

/*
 * Gives the calling process new namespaces: of mounts, and others (CLONE_NEWPID, 0), if need be in
 * a new one of users, where user and group stay who they are. 0 or -errno; then half of it may have
 * been done, which cannot be taken back: try before.
 */
int lp_namespace_unshare(int others);

/* What is mounted from here on is not seen elsewhere. 0 or -errno. */
int lp_namespace_make_private(void);

/* Whether both can be had, in a child: 0 or -errno. */
int lp_namespace_try(int others);

#endif
