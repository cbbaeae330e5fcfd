/* SPDX-License-Identifier: LGPL-2.1-or-later */
long change(long n);
long caller(long n);
