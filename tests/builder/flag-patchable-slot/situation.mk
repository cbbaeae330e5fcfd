# SPDX-License-Identifier: LGPL-2.1-or-later
SHARED = library.c
CFLAGS += -fpatchable-function-entry=5,2
