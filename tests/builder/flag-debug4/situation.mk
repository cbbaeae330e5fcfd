# SPDX-License-Identifier: LGPL-2.1-or-later
CFLAGS += -g3 -gdwarf-4 -gz
