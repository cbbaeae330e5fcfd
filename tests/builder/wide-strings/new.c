// SPDX-License-Identifier: LGPL-2.1-or-later
/* Strings of wide characters, of sixteen bits, of UTF-8. */
#include <wchar.h>
#include <uchar.h>

#include "frame.h"

static NOINLINE const wchar_t *wide(long n)
{
	return n ? L"wider" : L"w";
}

static NOINLINE const char16_t *half(void)
{
	return u"xyz";
}

static NOINLINE const char *bytes(void)
{
	return u8"same";
}

void answer(const char *word, long n)
{
	say("%zu %lc %c %s", wcslen(wide(n)), (wint_t)wide(n)[0], (char)half()[1], bytes());
}
