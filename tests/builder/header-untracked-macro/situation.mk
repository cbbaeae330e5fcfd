# SPDX-License-Identifier: LGPL-2.1-or-later
# headers that the Makefile does not know; no debug information, which names none that has but macros
CFLAGS = $(OPT) -Wall -Iinc
%.o: %.c
two.o: two.c ; $(CC) $(CFLAGS) -c -o $@ $<
main.o: main.c ; $(CC) $(CFLAGS) -c -o $@ $<
