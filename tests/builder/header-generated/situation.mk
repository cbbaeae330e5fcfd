# SPDX-License-Identifier: LGPL-2.1-or-later
# a header that is made of what the fix touches, and that no rule but this one knows
%.o: %.c
main.o: main.c ; $(CC) $(CFLAGS) -c -o $@ $<
limit.h: limit.txt ; sed 's/^/#define LIMIT /' limit.txt > $@
victim: limit.h
two.o: two.c | limit.h ; $(CC) $(CFLAGS) -c -o $@ $<
