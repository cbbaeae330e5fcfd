// SPDX-License-Identifier: LGPL-2.1-or-later
long twice(long n);
long write(int fd, const void *bytes, unsigned long size);
long thrice(long n);
long helper(long n);

long twice(long n)
{
	return n;
}

long write(int fd, const void *bytes, unsigned long size)
{
	return fd + (bytes ? 0 : (long)size);
}

long thrice(long n)
{
	return n;
}

long helper(long n)
{
	return n;
}
