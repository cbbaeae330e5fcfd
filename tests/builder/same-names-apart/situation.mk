# SPDX-License-Identifier: LGPL-2.1-or-later
APART = tool.c
ALSO = tool
tool: tool.o
	$(CC) -o $@ $^
