# SPDX-License-Identifier: LGPL-2.1-or-later
# no debug information in what runs: the order of the symbols tells
SHARED = library.c helper.c
CFLAGS = $(OPT) -Wall
