# SPDX-License-Identifier: LGPL-2.1-or-later
CFLAGS += -ffunction-sections -fdata-sections
LDFLAGS += -Wl,--gc-sections
