/* SPDX-License-Identifier: LGPL-2.1-or-later */
extern long total;
extern const char *const unit;

void add(long n);
