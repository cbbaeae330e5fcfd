// SPDX-License-Identifier: LGPL-2.1-or-later
long limit;

long *where(void)
{
	return &limitt;
}
