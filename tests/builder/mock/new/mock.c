// SPDX-License-Identifier: LGPL-2.1-or-later
/* Of the tests. The fix gives it a stand-in for the function that the program gets. */
int mock_used(int n);
long extra(long n);

int mock_used(int n)
{
	return n;
}

long extra(long n)
{
	return -n;
}
