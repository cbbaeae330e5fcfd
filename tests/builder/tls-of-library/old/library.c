// SPDX-License-Identifier: LGPL-2.1-or-later
extern __thread long calls;
long count(void);

__thread long calls = 7;

long count(void)
{
	return ++calls;
}
