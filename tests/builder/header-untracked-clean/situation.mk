# SPDX-License-Identifier: LGPL-2.1-or-later
# a Makefile that does not know headers, as automake's with --disable-dependency-tracking
%.o: %.c
one.o: one.c ; $(CC) $(CFLAGS) -c -o $@ $<
two.o: two.c ; $(CC) $(CFLAGS) -c -o $@ $<
main.o: main.c ; $(CC) $(CFLAGS) -c -o $@ $<
