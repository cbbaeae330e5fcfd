/* SPDX-License-Identifier: LGPL-2.1-or-later */
long scale(long n, long factor);
