// SPDX-License-Identifier: LGPL-2.1-or-later
long library_unused(void);

long library_unused(void)
{
	return 1;
}
