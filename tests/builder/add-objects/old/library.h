/* SPDX-License-Identifier: LGPL-2.1-or-later */
long library_notes(void);
long library_sum(long n);
