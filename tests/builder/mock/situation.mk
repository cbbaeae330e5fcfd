# SPDX-License-Identifier: LGPL-2.1-or-later
# a test program beside the program, with a mock of the function that the fix brings
APART = mock.c
ALSO = checker
checker: check.x mock.o ; $(CC) $(OPT) -o $@ -x c check.x -x none mock.o
