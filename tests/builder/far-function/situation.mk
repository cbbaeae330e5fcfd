# SPDX-License-Identifier: LGPL-2.1-or-later
LDFLAGS += -Wl,--section-start=.far=0x40000000
