# SPDX-License-Identifier: LGPL-2.1-or-later
main.o: limits_made.h
limits_made.h: limits.txt
	sed -n 's/^LIMIT/#define LIMIT/p' $< >$@
