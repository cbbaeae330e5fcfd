// SPDX-License-Identifier: LGPL-2.1-or-later
extern long tax;
long taxed(long n);
long round_up(long n);
long price(long n);
long discount_of(long n);

/* price() of the discount is the new one, as the program would call it */
long discount_of(long n)
{
	if (n < 0)
		return 0;
	tax += 1;
	return round_up(taxed(n)) + price(-1);
}
