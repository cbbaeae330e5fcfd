/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <limit.h>

long two(long n);
