# SPDX-License-Identifier: LGPL-2.1-or-later
CFLAGS += -ffunction-sections
LDFLAGS += -fuse-ld=gold -Wl,--icf=all
