# SPDX-License-Identifier: LGPL-2.1-or-later
SHARED = library.c
victim: step.o
libshared.so: step.lo
step.lo: CFLAGS += -DLIBRARY
