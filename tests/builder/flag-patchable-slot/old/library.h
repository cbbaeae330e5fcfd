/* SPDX-License-Identifier: LGPL-2.1-or-later */
typedef long (*step_t)(long n);

long first(long n);
step_t choose(long n);
