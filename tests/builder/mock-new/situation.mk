# SPDX-License-Identifier: LGPL-2.1-or-later
# tests beside the program, which get a mock of the function that the fix brings
APART = mock.c
ALSO = $(patsubst %.c,%.o,$(wildcard mock.c))
