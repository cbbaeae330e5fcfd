/* SPDX-License-Identifier: LGPL-2.1-or-later */
extern long exported;

long add(long n);
