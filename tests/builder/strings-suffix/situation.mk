# SPDX-License-Identifier: LGPL-2.1-or-later
LDFLAGS += -Wl,-O2
