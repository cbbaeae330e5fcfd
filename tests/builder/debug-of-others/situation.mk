# SPDX-License-Identifier: LGPL-2.1-or-later
MORE = one/util.c two/util.c
# this one without debug information
one/util.o: CFLAGS += -g0
